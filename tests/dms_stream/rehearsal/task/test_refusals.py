"""Each rule and setting that the rehearsal does not reproduce is refused by name, and no other."""

from dataclasses import replace
from typing import Any

import pytest

from constructs_lib.dms.table_mappings import TableMappings
from dms_stream.rehearsal.deployed_task import DeployedTask
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.task.refusals import refuse_unsupported, remarks
from tests.support.pipelines import Json, selection
from tests.support.played_source import task

SHOP = {"schema-name": "shop"}
T = {**SHOP, "table-name": "t"}


def with_rules(*rules: Json, **more: Any) -> DeployedTask:
    """A task whose rules DMS may have accepted, whatever we say of them."""
    mappings = TableMappings.from_json({"rules": list(rules)}, lint=False)
    return replace(task(**more), mappings=mappings)


def named(kind: str, number: int, **more: Any) -> Json:
    """A rule with its number as its name."""
    return {"rule-type": kind, "rule-id": str(number), "rule-name": f"n{number}", **more}


def transformation(action: str, target: str = "column", **more: Any) -> Json:
    """A transformation of table t, whose rule-id is 7."""
    locator = {**T, "column-name": "c"} if target == "column" else T
    return named(
        "transformation", 7,
        **{"rule-action": action, "rule-target": target, "object-locator": locator, **more},
    )  # fmt: skip


def typed(rule: Json, type_: str) -> Json:
    """A rule with a data type."""
    return {**rule, "data-type": {"type": type_}}


def refused(deployed: DeployedTask) -> tuple[str, ...]:
    """What is refused, in its order; nothing where it is accepted."""
    try:
        refuse_unsupported(deployed)
    except RefusedError as error:
        return tuple(error.refusals)
    return ()


PARALLEL = [
    ("ranges", None),
    ("partitions-auto", None),
    ("none", None),
    ("subpartitions-auto", "parallel-load subpartitions-auto"),
    ("partitions-list", "parallel-load partitions-list"),
]


@pytest.mark.parametrize(("kind", "sentence"), PARALLEL)
def test_a_parallel_load_of_some_rows_is_refused(kind: str, sentence: str | None) -> None:
    by_rule = with_rules({**selection("shop", "t"), "parallel-load": {"type": kind}})
    assert refused(by_rule) == ((f"rule 1 (select-1): {sentence}",) if sentence else ())
    settings = named("table-settings", 7, **{"object-locator": T, "parallel-load": {"type": kind}})
    by_settings = with_rules(selection("shop"), settings)
    assert refused(by_settings) == ((f"rule 7 (n7): {sentence}",) if sentence else ())


@pytest.mark.parametrize(
    ("name", "value"),
    [("number-of-partitions", 0), ("collection-count-from-metadata", True), ("batch-size", 5)],
)
def test_what_is_for_mongodb_is_refused(name: str, value: object) -> None:
    load = {"type": "none", name: value}
    rule = named("table-settings", 7, **{"object-locator": T, "parallel-load": load})
    assert refused(with_rules(selection("shop"), rule)) == (
        f"rule 7 (n7): parallel-load {name}, which is for MongoDB",
    )


def test_table_settings_without_a_load_are_accepted() -> None:
    lobs = {"mode": "limited", "bulk-max-size": "2"}
    rule = named("table-settings", 7, **{"object-locator": T, "lob-settings": lobs})
    assert refused(with_rules(selection("shop"), rule)) == ()


@pytest.mark.parametrize("action", ["include", "exclude", "explicit"])
@pytest.mark.parametrize("kind", [None, "table", "view", "all"])
def test_views_are_for_full_loads(action: str, kind: str | None) -> None:
    locator = {**T, **({"table-type": kind} if kind else {})}
    rule = {**selection("shop", "t"), "rule-action": action, "object-locator": locator}
    assert refused(with_rules(rule, migration_type="full-load")) == ()
    is_view = kind in ("view", "all")
    assert refused(with_rules(rule)) == (
        (
            f"rule 1 (select-1): table-type {kind} in a task that captures changes; a view has no "
            "changes: use it in full-load tasks only",
        )
        if is_view
        else ()
    )


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (transformation("rename", "table", value="x"), None),
        (transformation("rename", "column", value="x"), None),
        (
            {**transformation("rename", "schema", value="x"), "object-locator": SHOP},
            None,
        ),
        (
            transformation("rename", "table-tablespace", value="x"),
            "rule-target table-tablespace, which is for Oracle",
        ),
        (
            transformation("rename", "index-tablespace", value="x"),
            "rule-target index-tablespace, which is for Oracle",
        ),
        (typed(transformation("change-data-type"), "INT4"), None),
        (typed(transformation("change-data-type"), "clob2"), "data-type clob2"),
        (
            typed(transformation("add-column", value="u", expression="$AR_H_USER"), "string"),
            "$AR_H_USER in the expression",
        ),
        (transformation("rename", value="x", expression="upper($c)"), None),
        (
            transformation("remove-column", expression="1"),
            "an expression with the action remove-column",
        ),
    ],
)
def test_transformations(rule: Json, sentence: str | None) -> None:
    found = refused(with_rules(selection("shop"), rule))
    assert found == ((f"rule 7 (n7): {sentence}",) if sentence else ())


def object_mapping(*attributes: Json, **more: Any) -> Json:
    """An object mapping of table t, whose rule-id is 7."""
    parameters = {"attribute-mappings": list(attributes)} if attributes else {}
    return named(
        "object-mapping", 7,
        **{
            "rule-action": "map-record-to-record",
            "object-locator": T,
            **({"mapping-parameters": parameters} if parameters else {}),
            **more,
        },
    )  # fmt: skip


def attribute(kind: str | None, sub_type: str | None) -> Json:
    """One of those types."""
    found = {"target-attribute-name": "a", "value": "${c}"}
    found |= {"attribute-type": kind} if kind else {}
    return found | ({"attribute-sub-type": sub_type} if sub_type else {})


@pytest.mark.parametrize(
    ("kind", "sub_type", "is_known"),
    [
        *((None, None, True), ("scalar", None, True), ("scalar", "string", True)),
        *(("document", None, True), ("document", "json", True)),
        *(("scalar", "json", False), ("document", "string", False), (None, "string", False)),
    ],
)
def test_types_of_attributes(kind: str | None, sub_type: str | None, is_known: bool) -> None:
    rule = object_mapping(attribute(None, None), attribute(kind, sub_type))
    sentence = f"rule 7 (n7): attribute-type {kind} with attribute-sub-type {sub_type}"
    assert refused(with_rules(selection("shop"), rule)) == (() if is_known else (sentence,))


def test_a_target_table_is_refused_unless_it_is_the_tables_own() -> None:
    for name, found in (
        ("t", ()),
        (
            "u",
            ("rule 7 (n7): target-table-name, whose effect on messages AWS does not document",),
        ),
    ):
        rule = object_mapping(**{"target-table-name": name})
        assert refused(with_rules(selection("shop"), rule)) == found
    assert refused(with_rules(selection("shop"), object_mapping())) == ()


@pytest.mark.parametrize(
    "name",
    [
        "FullLoadSettings.StopTaskCachedChangesApplied",
        "FullLoadSettings.StopTaskCachedChangesNotApplied",
        "ControlTablesSettings.HistoryTableEnabled",
        "ControlTablesSettings.SuspendedTablesTableEnabled",
        "ControlTablesSettings.StatusTableEnabled",
        "ControlTablesSettings.FullLoadExceptionTableEnabled",
        "LoopbackPreventionSettings.EnableLoopbackPrevention",
        "ErrorBehavior.ApplyErrorFailOnTruncationDdl",
    ],
)
def test_settings_that_are_switched_on(name: str) -> None:
    section, key = name.split(".")
    more: Json = {"LoopbackPreventionSettings": {"SourceSchema": "a", "TargetSchema": "b"}}
    for value, found in ((True, (f"{name}: true",)), (False, ())):
        settings = {section: {**more.get(section, {}), key: value}}
        assert refused(task(settings=settings)) == found


def test_alterations_that_are_not_handled_are_refused() -> None:
    policy = "ChangeProcessingDdlHandlingPolicy"
    key = "HandleSourceTableAltered"
    assert refused(task(settings={policy: {key: True}})) == ()
    assert refused(task(settings={policy: {key: False}})) == (f"{policy}.{key}: false",)


@pytest.mark.parametrize(
    ("key", "value", "is_known"),
    [
        *(("eventsPollInterval", "5", True), ("SecretsManagerEndpointOverride", "x", True)),
        *(("serverTimezone", "utc", True), ("ServerTimezone", "Etc/UTC", True)),
        *(("serverTimezone", "Europe/Zurich", False), ("CleanSourceMetadata", "false", False)),
        ("other", "UTC", False),
    ],
)
def test_settings_of_the_source(key: str, value: str, is_known: bool) -> None:
    found = refused(replace(task(), source_settings={key: value}))
    assert found == (() if is_known else (f"the source endpoint's {key}={value}",))


@pytest.mark.parametrize(
    ("start", "is_known"),
    [
        *((None, True), ("bin.000024:373", True), ("2018-03-08T12:12:12", True)),
        *(("checkpoint:V1#27#none", False), ("1234:5", False), ("2024-03-08", False)),
    ],
)
def test_where_a_task_begins(start: str | None, is_known: bool) -> None:
    assert refused(task(cdc_start_position=start)) == ()
    sentence = (
        f"CdcStartPosition {start}: it is not a position in the binary log; give a file and an "
        "offset in the source's binary log, such as mysql-bin-changelog.000024:373, the "
        "RecoveryCheckpoint of a task, or a moment such as 2018-03-08T12:12:12"
    )
    found = refused(task(migration_type="cdc", cdc_start_position=start))
    assert found == (() if is_known else (sentence,))


def test_all_refusals_are_told_at_once() -> None:
    rules = [
        {**selection("shop", "t"), "parallel-load": {"type": "partitions-list"}},
        transformation("rename", "table-tablespace", value="x"),
    ]
    settings = {"ControlTablesSettings": {"StatusTableEnabled": True}}
    deployed = replace(
        with_rules(*rules, settings=settings, migration_type="cdc", cdc_start_position="?"),
        source_settings={"a": "b"},
    )
    assert len(refused(deployed)) == 5
    with pytest.raises(RefusedError, match="the task cdc has rules or settings that the"):
        refuse_unsupported(deployed)


def test_what_has_no_effect_here_is_remarked() -> None:
    assert remarks(task()) == ()
    threads = "ParallelLoadThreads and ParallelApplyThreads: the rehearsal writes in order"
    for settings, begins in (
        ({"TargetMetadata": {"ParallelLoadThreads": 2}}, threads),
        ({"TargetMetadata": {"ParallelApplyThreads": 2}}, threads),
        ({"FullLoadSettings": {"MaxFullLoadSubTasks": 4}}, "MaxFullLoadSubTasks: the rehearsal"),
    ):
        (found,) = remarks(task(settings=settings))
        assert found.startswith(begins)
    without = {"TargetMetadata": {"LobMaxSize": 4}, "FullLoadSettings": {"CommitRate": 10_000}}
    assert remarks(task(settings=without)) == ()
    rules = [
        named(
            "table-settings", number,
            **{"object-locator": {**SHOP, "table-name": f"t{number}"}, **load},
        )
        for number, load in enumerate(
            (
                {"parallel-load": {"type": "ranges"}},
                {"parallel-load": {"type": "partitions-auto"}},
                {"parallel-load": {"type": "ranges"}},
                {},
            ),
            2,
        )
    ]  # fmt: skip
    assert remarks(with_rules(selection("shop"), *rules)) == (
        "parallel-load (partitions-auto, ranges): the rehearsal loads the same rows in one piece",
    )
