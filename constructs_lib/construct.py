"""CDKTF's construct, which also remembers where it stands: each question to `node` is a call."""

from typing import TYPE_CHECKING, Any

from constructs_lib.bindings import cdktf, constructs

if TYPE_CHECKING:
    from constructs import Construct as Construct
else:

    class Construct(constructs.Construct):
        """The base of every construct of this library; for its users, CDKTF's own."""

        def __init__(self, scope: Any, id_: str) -> None:
            super().__init__(scope, id_)
            self.scope_and_id = (scope, id_)


_PATH = "_dms_stream_path"


def path_of(construct: Construct) -> str:
    """A construct's path in the tree, such as `shop/orders/stream`."""
    path: str | None = getattr(construct, _PATH, None)
    if path is None:
        scope, id_ = getattr(construct, "scope_and_id", (None, ""))
        path = str(construct.node.path) if scope is None else f"{path_of(scope)}/{id_}".lstrip("/")
        setattr(construct, _PATH, path)
    return path


def stack_of(construct: Construct) -> cdktf.TerraformStack:
    """The stack that a construct is in."""
    scope: Any = construct
    while not isinstance(scope, cdktf.TerraformStack):
        scope, _ = getattr(scope, "scope_and_id", (None, None))
        if scope is None:
            return cdktf.TerraformStack.of(construct)
    return scope
