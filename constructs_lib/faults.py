"""Several faults of one model, each at the key that holds it."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from constructs_lib.errors import Fault


class _AsShown(str):
    """A value that is already what a message shows of it."""

    def __repr__(self) -> str:
        return str(self)


def refuse(model: object, faults: Sequence[Fault]) -> None:
    """Report faults from a model's validator, where there are any.

    Args:
        model: The model that is being validated, or its class.
        faults: What is wrong; `where` counts from the model.
    """
    if faults:
        model_class = model if isinstance(model, type) else type(model)
        raise ValidationError.from_exception_data(
            model_class.__name__, [_line(fault) for fault in faults]
        )


def _line(fault: Fault) -> InitErrorDetails:
    return InitErrorDetails(
        type=PydanticCustomError("does_not_fit", "{problem}", {"problem": fault.problem}),
        # one part: its keys need not be in the document, where the fault is in a default
        loc=(fault.where,) if fault.where != "(top level)" else (),
        input=_AsShown("nothing" if fault.given is None else fault.given),
    )
