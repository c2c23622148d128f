"""What the commands do about imports: a list on the screen, or a refusal before anything runs."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from dms_stream import local_aws
from dms_stream.cli import workspace
from dms_stream.cli.console import open_console
from dms_stream.cli.errors import CommandError
from dms_stream.cli.rehearse import RehearsalOptions, run_rehearsal
from dms_stream.cli.stand_ins import account_of, show_stand_ins
from dms_stream.local_aws import LocalAws, LocalAwsError
from dms_stream.settings.environment import Environment, environment_file, load_environment
from tests.support.imported_environment import OTHER_ACCOUNT, imported_environment
from tests.support.variants import ACCOUNT


def imported(**changes: Any) -> Environment:
    return Environment.model_validate({**imported_environment(), **changes})


def test_the_account_is_the_one_that_the_arns_name() -> None:
    assert account_of(imported()) == ACCOUNT
    assert account_of(imported(account_ids=[])) == ACCOUNT
    # a key of another account does not make the environment that account's
    assert account_of(imported(account_ids=[OTHER_ACCOUNT, ACCOUNT])) == ACCOUNT
    assert account_of(load_environment(environment_file("local"))) is None


def test_stand_ins_are_listed_by_kind_and_not_broken() -> None:
    screen = StringIO()
    show_stand_ins(open_console(file=screen, width=60), imported())
    lines = screen.getvalue().splitlines()

    assert lines[0] == "stand-ins there, for what the settings import:"
    assert "  subnet                subnet-0a1b2c3d4e5f60711" in lines
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders/dms-Ef56Gh"
    assert f"  secret                {secret}" in lines


def test_nothing_is_said_where_nothing_is_imported() -> None:
    screen = StringIO()
    settings = load_environment(environment_file("seed"))
    made_here = settings.model_copy(update={"pipelines": {}})
    show_stand_ins(open_console(file=screen), made_here)
    assert screen.getvalue() == ""


def test_an_aws_that_lacks_a_stand_in_does_not_stay_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A policy of AWS's that the embedded AWS does not know is refused by its name."""
    monkeypatch.setenv("DMS_STREAM_LOCAL_AWS", str(tmp_path))
    policy = "arn:aws:iam::aws:policy/NoSuchPolicy"
    stopped = []
    with LocalAws() as aws:
        endpoint = local_aws.Endpoint(aws.url, 0, "now")
        monkeypatch.setattr(local_aws, "start", lambda *_, **__: endpoint)
        monkeypatch.setattr(workspace, "stop_embedded_aws", lambda: stopped.append(True))
        with pytest.raises(LocalAwsError, match=f"IAM policy {policy}: the embedded AWS cannot"):
            workspace.start_embedded_aws(imported(roles={"permissions_boundary": policy}))
    assert stopped == [True]


def test_rules_that_the_sample_cannot_follow_are_refused_before_the_deployment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def start(*_: Any) -> None:
        raise AssertionError("it has started an embedded AWS")

    monkeypatch.setenv("DMS_STREAM_LOCAL_AWS", str(tmp_path))
    monkeypatch.setattr("dms_stream.cli.rehearse.start_embedded_aws", start)
    text = environment_file("local").read_text()
    file = tmp_path / "views.yaml"
    rule = (
        "rules: [{rule-type: selection, rule-id: '1', rule-name: views, rule-action: include, "
        "object-locator: {schema-name: shop, table-name: '%', table-type: view}}]"
    )
    bundle = environment_file("local").parent / "certificates"
    text = text.replace("tables: [dms_sample.ticket_purchase_hist]", rule)
    text = text.replace("dms_sample.", "shop.")
    file.write_text(text.replace("certificates/", f"{bundle}/"))

    with pytest.raises(CommandError) as refused:
        run_rehearsal(open_console(file=StringIO()), str(file), None, RehearsalOptions())
    assert (
        "pipelines.tickets.replication.table_mappings: the sample cannot stand in for what the "
        "rules select (shop.%): rehearse with a database of your own"
    ) in str(refused.value)
