"""A command that lacks packages says which extra brings them."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from dms_stream import extras
from dms_stream.cli.app import app
from dms_stream.extras import MissingExtraError, require_extras


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The packages that are installed: all of them, but for what a test takes away."""
    names = {name for packages in extras.PACKAGES.values() for name in packages}

    def distribution(name: str) -> None:
        if name not in names:
            raise PackageNotFoundError(name)

    monkeypatch.setattr(extras, "distribution", distribution)
    return names


def test_what_is_there_is_not_asked_for(installed: set[str]) -> None:
    installed -= {"duckdb"}
    require_extras("aws", "constructs")


def test_all_that_is_missing_is_told_at_once(installed: set[str]) -> None:
    installed -= {"boto3", "cdktf", "duckdb"}
    with pytest.raises(MissingExtraError) as refused:
        require_extras("constructs", "aws", "rehearsal")
    assert str(refused.value) == (
        "this command needs packages that are not installed (boto3, cdktf, duckdb): run "
        "`pip install 'dms-stream[aws,constructs,rehearsal]'`"
    )


def test_cdktfs_successor_stands_in_for_it(installed: set[str]) -> None:
    installed -= {"cdktf", "cdktf-cdktf-provider-aws"}
    installed |= {"cdktn", "cdktn-provider-aws"}
    require_extras("constructs")


NEEDS = {
    "demo": "constructs,rehearsal",
    "rehearse": "constructs,rehearsal",
    "catalog": "constructs,rehearsal",
    "check-source --database mysql://u@h": "rehearsal",
    "local-aws start": "rehearsal",
    **dict.fromkeys(("size", "synth", "docs"), "constructs"),
    **dict.fromkeys(
        ("plan", "review", "preflight", "deploy", "destroy", "inventory"), "aws,constructs"
    ),
    **dict.fromkeys(
        (
            *("unlock", "status", "start", "resume", "stop", "test-connections", "logs", "peek"),
            *("landed", "prepare-source", "activity", "query", "assess"),
            "reload dms_sample.person",
        ),
        "aws",
    ),
}
NEEDS_NONE = {
    *("init", "schema", "message-schema", "deployer-policy"),
    *("local-aws stop", "local-aws status"),
}


@pytest.mark.parametrize(("command", "needs"), NEEDS.items())
def test_each_command_says_what_it_needs_before_anything_else(
    installed: set[str], command: str, needs: str
) -> None:
    installed.clear()
    result = CliRunner().invoke(app, command.split())
    assert isinstance(result.exception, MissingExtraError)
    assert f"`pip install 'dms-stream[{needs}]'`" in str(result.exception)


def test_no_command_is_left_out() -> None:
    told = {command.partition(" --")[0].partition(" dms_")[0] for command in NEEDS}
    assert told | NEEDS_NONE == {" ".join(path) for path in _commands(get_command(app))}


def _commands(command: object, *path: str) -> Iterator[tuple[str, ...]]:
    if not (below := getattr(command, "commands", None)):
        yield path
    for name, each in (below or {}).items():
        yield from _commands(each, *path, name)
