"""What a DMS task captures and how: `TableMappings`."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from constructs_lib.dms.engine_versions import MASKING_SINCE
from constructs_lib.dms.table_mappings.lint import (
    Labelled,
    faults_among_rules,
    faults_of_rules,
    faults_of_tables,
    repeated_keys,
    repeated_objects,
)
from constructs_lib.dms.table_mappings.rules import (
    Rule,
    SelectionRule,
    TransformationRule,
)
from constructs_lib.dms.table_mappings.selection import including_rules
from constructs_lib.dms.vocabulary import MASKING, RENAMING
from constructs_lib.errors import Fault, InvalidPropsError, faults_of
from constructs_lib.faults import refuse
from constructs_lib.props import Props

_TOO_DEEP = "is nested too deeply for table mappings: write it flat, as AWS does"

_RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


def _schema_and_table(text: str) -> str:
    schema, dot, table = text.partition(".")
    if not (schema.strip() and dot and table.strip()) or "." in table:
        raise ValueError(
            "must be schema.table, such as dms_sample.person or dms_sample.%: for a name that "
            "contains a dot, write a rule under `rules`"
        )
    return text


TableName = Annotated[
    str,
    AfterValidator(_schema_and_table),
    WithJsonSchema({"type": "string", "pattern": r"^\s*[^.\s][^.]*\.\s*[^.\s][^.]*$"}),
]
"""`schema.table`, either of which may hold wildcards."""


class TableMappings(Props):
    """What a DMS task captures and how, as a short list of tables, as DMS's rules, or as both.

    In YAML it may also be AWS's own document, pasted as a text. A rule without an id gets the next
    free one, a rule without a name its id as the name. A table of the short list gets an id made
    from its name, which stays the same whatever else is listed.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.html

    Raises:
        InvalidPropsError: when built in Python with rules that DMS would refuse or treat
            differently; it lists all faults.
    """

    tables: tuple[TableName, ...] = ()
    """Tables to capture whole, as `schema.table`; `%` and `_` are wildcards. Each is a selection
    rule that includes them, before the rules below."""

    rules: tuple[Rule, ...] = ()
    """DMS's rules, with AWS's keys, in this order."""

    @classmethod
    def from_json(cls, document: str | bytes | Mapping[str, Any], *, lint: bool = True) -> Self:
        """Read AWS's document, as text or as parsed JSON.

        Args:
            document: `{"rules": [...]}`.
            lint: False reads any document of the right shape, such as one found on a deployed
                task; `faults()` then tells what is wrong with it.

        Raises:
            InvalidPropsError: it is no such document, or (with `lint`) DMS would refuse it.
        """
        try:
            try:
                return cls.model_validate(document, context={"lint": lint})
            except ValidationError as error:
                raise InvalidPropsError(cls.__name__, faults_of(error, None)) from None
        except RecursionError:  # what is too deep to read can be too deep to show as well
            raise InvalidPropsError(cls.__name__, [Fault("(top level)", _TOO_DEEP)]) from None

    @model_validator(mode="wrap")
    @classmethod
    def _find_all_faults(
        cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        if isinstance(data, cls):
            return data
        document = _parsed(data) if isinstance(data, str | bytes) else data
        if not isinstance(document, Mapping):
            raise ValueError('must be an object: {"rules": [...]} as AWS writes it')
        with_lint = (info.context or {}).get("lint", True)
        try:
            mappings = handler(dict(document))
            faults = mappings.faults() if with_lint else []
        except ValidationError as error:
            faults = _all_faults(error, document, with_lint)
        except RecursionError:
            raise ValueError(_TOO_DEEP) from None
        refuse(cls, faults)
        return mappings

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """An object or AWS's document as a text, for editors."""
        reference = handler(core_schema)
        handler.resolve_ref_schema(reference)["type"] = ["object", "string"]
        return reference

    @cached_property
    def labelled_rules(self) -> tuple[Labelled, ...]:
        """All rules with their ids and names, the short list's first, and what to call them."""
        taken = {rule.rule_id.lstrip("0") or "0" for rule in self.rules if rule.rule_id}
        taken |= {rule.rule_name for rule in self.rules if rule.rule_name}
        found: list[Labelled] = []
        for number, table in enumerate(self.tables):
            rule_id = _free(_id_of_name(table), taken)
            schema, _, name = table.partition(".")
            selection = SelectionRule(
                rule_id=rule_id, rule_name=rule_id, schema_name=schema, table_name=name
            )
            found.append((f"tables[{number}]", selection))
        last = 0
        for number, rule in enumerate(self.rules):
            rule_id = rule.rule_id or _free(last + 1, taken)
            last = int(rule_id)
            named = rule.model_copy(
                update={"rule_id": rule_id, "rule_name": rule.rule_name or rule_id}
            )
            found.append((_label(number, rule.rule_id), named))
        return tuple(found)

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """All rules with their ids and names, the short list's first."""
        return tuple(rule for _, rule in self.labelled_rules)

    @property
    def selections(self) -> tuple[SelectionRule, ...]:
        """The rules that say what is captured, those of the short list first."""
        return tuple(rule for rule in self.all_rules if isinstance(rule, SelectionRule))

    def captures(self, schema_name: str, table_name: str, *, is_view: bool = False) -> bool:
        """Whether the task captures a table: some rule includes it and none excludes it."""
        return bool(self.including_rules(schema_name, table_name, is_view=is_view))

    def including_rules(
        self, schema_name: str, table_name: str, *, is_view: bool = False
    ) -> list[SelectionRule]:
        """The rules that include a table; none where another one excludes it."""
        return including_rules(self.selections, schema_name, table_name, is_view=is_view)

    @property
    def renames_tables(self) -> bool:
        """Whether a rule gives schemas or tables other names than they have in the source."""
        return any(
            rule.rule_target in ("schema", "table") and rule.rule_action in RENAMING
            for rule in self._transformations
        )

    @property
    def adds_before_image(self) -> bool:
        """Whether a rule adds before-image columns, which no task may join to the setting."""
        return any(rule.rule_action == "add-before-image-columns" for rule in self._transformations)

    def requires_engine(self) -> str | None:
        """The oldest DMS version that knows all the rules; None: any supported one."""
        masks = any(rule.rule_action in MASKING for rule in self._transformations)
        return MASKING_SINCE.value if masks else None

    @property
    def _transformations(self) -> tuple[TransformationRule, ...]:
        return tuple(rule for rule in self.rules if isinstance(rule, TransformationRule))

    def faults(self) -> list[Fault]:
        """What DMS would refuse, or silently do differently; empty unless read without lint."""
        rules = self.labelled_rules
        return faults_of_tables(self.tables) + faults_of_rules(rules) + faults_among_rules(rules)

    def to_document(self) -> dict[str, Any]:
        """AWS's document as parsed JSON: only what is set, ids and names as text."""
        return {"rules": [rule.to_document() for rule in self.all_rules]}

    def to_json(self) -> str:
        """AWS's document; the same mappings always give the same text."""
        return json.dumps(self.to_document(), ensure_ascii=False, separators=(",", ":"))


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except ValueError as error:
        raise ValueError(f"is not valid JSON: {error}") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _label(number: int, rule_id: object) -> str:
    return f"rules[{number}]" + (f" (rule-id {rule_id})" if rule_id is not None else "")


def _id_of_name(table: str) -> int:
    # nine digits, like the ids that the AWS console makes
    digest = hashlib.sha256(table.encode()).digest()
    return 100_000_000 + int.from_bytes(digest[:8], "big") % 900_000_000


def _free(number: int, taken: set[str]) -> str:
    while str(number) in taken:
        number += 1
    taken.add(str(number))
    return str(number)


def _all_faults(error: ValidationError, document: Mapping[str, Any], lint: bool) -> list[Fault]:
    # what is of the right shape is linted too, so that one attempt shows everything
    try:
        wrong, faults = _faults_of_shape(error, document)
        if not lint:
            return faults
        tables = document.get("tables")
        if isinstance(tables, list | tuple):
            faults += faults_of_tables(tables)
        rules = list(enumerate(_rules_of(document)))
        right = [(n, _RULE.validate_python(rule)) for n, rule in rules if n not in wrong]
        labelled = [(_label(n, rule.rule_id), rule) for n, rule in right]
        given = [(_label(n, _id_as_given(rule)), rule) for n, rule in rules]
        return [
            *faults,
            *faults_of_rules(labelled),
            *repeated_keys(
                ids=[(label, _id_as_given(rule)) for label, rule in given],
                names=[(label, _as_given(rule, "rule-name")) for label, rule in given],
            ),
            *repeated_objects(labelled),
        ]
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def _faults_of_shape(
    error: ValidationError, document: Mapping[str, Any]
) -> tuple[set[int], list[Fault]]:
    rules = _rules_of(document)
    wrong: set[int] = set()
    faults: list[Fault] = []
    details = error.errors(include_url=False)
    for detail, fault in zip(details, faults_of(error, document), strict=True):
        match detail["loc"]:
            case ("rules", int(number), *rest) if number < len(rules):
                wrong.add(number)
                # what follows the number is the variant's name, no key of the document
                where = ".".join(str(part) for part in rest[1:])
                label = _label(number, _id_as_given(rules[number]))
                faults.append(replace(fault, where=f"{label}, {where}" if where else label))
            case _:
                faults.append(fault)
    return wrong, faults


def _id_as_given(rule: Any) -> str | None:
    return _as_given(rule, "rule-id")


def _as_given(rule: Any, key: str) -> str | None:
    field = key.replace("-", "_")
    if isinstance(rule, Mapping):
        given = rule.get(key, rule.get(field))
    else:
        given = getattr(rule, field, None)
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given) if abs(given) < 10**18 else None
    return given[:40] if isinstance(given, str) else None


def _rules_of(document: Mapping[str, Any]) -> Sequence[Any]:
    rules = document.get("rules")
    return rules if isinstance(rules, list | tuple) else ()
