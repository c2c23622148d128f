"""A source is prepared with the exact SQL, and a password that nobody sees."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from constructs_lib.errors import SettingsError
from dms_stream.cli import preparing_commands
from dms_stream.cli.settings_edit import name_dms_secret
from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.errors import OperationError
from dms_stream.operations.source_preparation import (
    UserSecret,
    find_secret,
    make_secret,
    master_user,
    password_of,
)
from dms_stream.operations.statements import DataApi
from dms_stream.settings.environment import load_environment
from tests.support.operated import Operated, OperatingCommand

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

URL = "mysql://admin@db.example.org"
SQL = "\n".join(
    [
        "CREATE USER IF NOT EXISTS 'dms_user'@'%' IDENTIFIED BY '<password>' REQUIRE SSL;",
        "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'dms_user'@'%';",
        "GRANT SELECT ON `dms_sample`.`tickets` TO 'dms_user'@'%';",
    ]
)
SHOWN = [
    "CALL mysql.rds_set_configuration('binlog retention hours', 24);",
    "CREATE USER IF NOT EXISTS 'dms_user'@'%' IDENTIFIED BY '<password>' REQUIRE SSL;",
    "ALTER USER 'dms_user'@'%' IDENTIFIED BY '<password>' REQUIRE SSL;",
    *SQL.splitlines()[1:],
]


ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:dms-Ab12Cd"
HEAD = (
    "region: eu-west-1\nstate: {bucket_name: dms-stream-local-terraform-state}\n"
    "pipelines:\n  tickets:\n"
)
REST = (
    "    replication:\n      table_mappings: {tables: [a.b]}\n"
    "      source_endpoint: {tls: {kind: none}}\n"
)


class Recorder:
    """A source that takes statements."""

    where, user = "db.example.org:3306", "admin"

    def __init__(self) -> None:
        self.sql: list[str] = []
        self.refused = ""

    def run(self, sql: str, *, secret: str = "") -> list[tuple[Any, ...]]:
        """Take it, or refuse it."""
        if self.refused and self.refused in sql:
            raise OperationError(f"refuses `{sql}`".replace(secret, "<password>"))
        self.sql.append(sql)
        return []


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """What `--database` leads to."""
    recorder = Recorder()

    @contextmanager
    def session(_: object) -> Iterator[Recorder]:
        yield recorder

    monkeypatch.setattr(preparing_commands, "session", session)
    return recorder


@pytest.fixture
def prepared(operated: Operated, tmp_path: Path) -> Operated:
    """The pipeline with what preparing needs of its state, and a settings file of its own."""
    made = operated.client("secretsmanager").create_secret(
        Name="master", SecretString=json.dumps({"username": "admin", "password": "master's"})
    )
    outputs = {
        "dms_user_sql": SQL,
        "source_host": "cluster.example.org",
        "source_secret_arn": made["ARN"],
    }
    operated.state["outputs"] |= {key: {"value": value} for key, value in outputs.items()}
    operated.state["resources"] += [
        {"mode": "managed", "type": kind, "name": "one", "instances": [{"attributes": attributes}]}
        for kind, attributes in {
            "aws_rds_cluster": {"arn": "arn:aws:rds:x:1:cluster:c", "enable_http_endpoint": True},
            "aws_secretsmanager_secret": {"arn": made["ARN"]},
        }.items()
    ]
    operated.save()
    file = tmp_path / "local.yaml"
    own = "    source:\n      kind: new\n      tls_required: false\n"
    file.write_text((HEAD + own + REST).replace("eu-west-1", "eu-central-1") + "emulated: true\n")
    operated.workspace = replace(operated.workspace, file=file, settings=load_environment(file))
    return operated


def secret(operated: Operated) -> dict[str, Any]:
    secrets = operated.client("secretsmanager")
    found = secrets.get_secret_value(SecretId="local-tickets-dms-user")
    content: dict[str, Any] = json.loads(found["SecretString"])
    return content | {"arn": found["ARN"]}


def test_it_shows_runs_and_switches_without_showing_the_password(
    dms_stream: OperatingCommand, prepared: Operated, source: Recorder
) -> None:
    prepared.settings(emulated=False)
    text = dms_stream.succeed("prepare-source", "--database", URL, "--yes")
    made = secret(prepared)
    assert (made["username"], made["host"], made["port"]) == (
        "dms_user",
        "cluster.example.org",
        3306,
    )
    assert len(made["password"]) == 40
    assert made["password"] not in text
    assert "\n".join(SHOWN) in text
    assert source.sql == [sql.replace("<password>", made["password"]) for sql in SHOWN]
    settings = load_environment(prepared.workspace.file)
    credentials = settings.pipelines["tickets"].source
    assert getattr(credentials, "dms_credentials").secret_arn == made["arn"]  # noqa: B009
    assert "`dms-stream deploy --env " in text


def test_a_second_run_keeps_the_password(
    dms_stream: OperatingCommand, prepared: Operated, source: Recorder
) -> None:
    prepared.settings(emulated=False)
    dms_stream.succeed("prepare-source", "--database", URL, "--yes")
    first = secret(prepared)["password"]
    # the source was cut off after the secret was made: the next run goes on with it
    source.sql.clear()
    dms_stream.succeed("prepare-source", "--database", URL, "--yes")
    assert secret(prepared)["password"] == first
    assert f"ALTER USER 'dms_user'@'%' IDENTIFIED BY '{first}' REQUIRE SSL;" in source.sql


def test_a_secret_that_dms_reads_already_names_the_user(
    dms_stream: OperatingCommand, prepared: Operated, source: Recorder
) -> None:
    content = {"username": "o'dms", "password": "it's \\ x", "host": "h", "port": 3306}
    made = prepared.client("secretsmanager").create_secret(
        Name="theirs", SecretString=json.dumps(content)
    )
    prepared.state["outputs"]["source_secret_arn"]["value"] = made["ARN"]
    prepared.save()
    told = json.loads(dms_stream.succeed("prepare-source", "--database", URL, "--yes", "--json"))
    assert told["secret_arn"] == made["ARN"]
    assert told["settings_name_it"]
    assert source.sql[1] == (
        "CREATE USER IF NOT EXISTS 'o''dms'@'%' IDENTIFIED BY 'it''s \\\\ x' REQUIRE SSL;"
    )
    assert "dms_credentials" not in prepared.workspace.file.read_text()


def test_showing_changes_nothing(
    dms_stream: OperatingCommand, prepared: Operated, source: Recorder
) -> None:
    prepared.settings(emulated=False)
    before = prepared.workspace.file.read_text()
    told = json.loads(dms_stream.succeed("prepare-source", "--database", URL, "--show", "--json"))
    assert told == {"pipeline": "tickets", "statements": SHOWN, "run": False}
    assert source.sql == []
    assert prepared.workspace.file.read_text() == before
    names = [s["Name"] for s in prepared.client("secretsmanager").list_secrets()["SecretList"]]
    assert names == ["master"]


def test_what_the_server_refuses_shows_no_password_and_switches_nothing(
    dms_stream: OperatingCommand, prepared: Operated, source: Recorder
) -> None:
    source.refused = "ALTER USER"
    said = dms_stream.refuse("prepare-source", "--database", URL, "--yes")
    assert "IDENTIFIED BY '<password>'" in said
    assert secret(prepared)["password"] not in said
    assert "dms_credentials" not in prepared.workspace.file.read_text()


@pytest.mark.parametrize("key", [None, "arn:aws:kms:eu-west-1:123456789012:key/own"])
def test_a_new_secret_holds_what_dms_reads_under_the_key_that_is_asked_for(
    operated: Operated, key: str | None
) -> None:
    secrets = operated.client("secretsmanager")
    made = make_secret(
        secrets,
        name="dms",
        user="dms_reader",
        host="db.example.org",
        port=3307,
        key_arn=key,
        tags={"team": "data"},
        description="For DMS.",
    )
    found = secrets.describe_secret(SecretId="dms")
    assert (made.arn, made.user) == (found["ARN"], "dms_reader")
    assert found.get("KmsKeyId") == key
    assert (found["Description"], found["Tags"]) == ("For DMS.", [{"Key": "team", "Value": "data"}])
    content = json.loads(secrets.get_secret_value(SecretId="dms")["SecretString"])
    assert len(content.pop("password")) >= 20
    assert content == {"username": "dms_reader", "host": "db.example.org", "port": 3307}


class Secrets:
    """Secrets Manager's client, with these secrets.

    Attributes:
        put: What was written.
    """

    class exceptions:  # noqa: N801
        """As boto3 has them."""

        class ResourceNotFoundException(Exception):  # noqa: N818
            """There is none of this name."""

    def __init__(self, **held: str) -> None:
        self._held = held
        self.put: list[tuple[str, Any]] = []

    def describe_secret(self, *, SecretId: str) -> dict[str, Any]:  # noqa: N803
        """Its ARN; `old` is being deleted."""
        if SecretId not in self._held:
            raise self.exceptions.ResourceNotFoundException
        deleted = {"DeletedDate": "now"} if SecretId == "old" else {}
        return {"ARN": f"arn:{SecretId}", **deleted}

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:  # noqa: N803
        """Its text, or bytes."""
        text = self._held[SecretId.removeprefix("arn:")]
        return {"SecretBinary": b""} if text == "binary" else {"SecretString": text}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> None:  # noqa: N803
        """Taken down."""
        self.put.append((SecretId, json.loads(SecretString)))

    def get_random_password(self, **asked: Any) -> dict[str, Any]:
        """Not at all random."""
        assert asked == {"PasswordLength": 40, "ExcludePunctuation": True}
        return {"RandomPassword": "drawn"}


def reads(secret_arn: str, master: str | None = "arn:master") -> DeployedPipeline:
    """A pipeline whose DMS reads a secret."""
    own: list[Mapping[str, Any]] = [{"arn": master}] if master else []
    clusters: list[Mapping[str, Any]] = [{"arn": "arn:cluster"}] if master else []
    return DeployedPipeline(
        "tickets",
        {"source_secret_arn": secret_arn},
        {"aws_secretsmanager_secret": own, "aws_rds_cluster": clusters},
    )


def test_whose_secret_it_is() -> None:
    ours, theirs = json.dumps({"username": "dms"}), json.dumps({"username": "reader"})
    secrets = Secrets(new=ours, theirs=theirs, master=json.dumps({"username": "admin"}), old=ours)

    def found(pipeline: DeployedPipeline, name: str = "new") -> UserSecret | None:
        return find_secret(secrets, pipeline, name=name, administrator="admin")

    assert found(reads("arn:theirs")) == UserSecret("arn:theirs", "reader", True)
    # the cluster's own, or the administrator's, is none for DMS
    ready = UserSecret("arn:new", "dms", False)
    assert found(reads("arn:master")) == ready
    assert found(reads("arn:master", None)) == ready
    assert found(reads("arn:master"), "none") is None
    with pytest.raises(OperationError) as refused:
        found(reads("arn:master"), "old")
    assert str(refused.value) == (
        "the secret old is being deleted: restore it with `aws secretsmanager restore-secret "
        "--secret-id old`, and run this again"
    )
    assert master_user(secrets, reads("arn:master")) == "admin"
    assert master_user(secrets, reads("arn:master", None)) == ""


@pytest.mark.parametrize("text", ["no JSON", "[]", "", "binary"])
def test_a_secret_that_is_none_of_a_user_is_told(text: str) -> None:
    with pytest.raises(OperationError) as refused:
        find_secret(Secrets(odd=text), reads("arn:odd"), name="new", administrator="admin")
    assert str(refused.value) == (
        "the secret arn:odd is not JSON with username, password, host and port"
    )
    for content in ({}, {"username": ""}, {"username": None}):
        secrets = Secrets(odd=json.dumps(content), master=json.dumps(content))
        with pytest.raises(OperationError, match="the secret arn:odd has no username: add one"):
            find_secret(secrets, reads("arn:odd"), name="new", administrator="admin")
        assert master_user(secrets, reads("arn:odd")) == ""


def test_a_password_is_drawn_where_there_is_none() -> None:
    secrets = Secrets(full=json.dumps({"password": "kept"}), empty=json.dumps({"username": "dms"}))
    assert password_of(secrets, UserSecret("arn:full", "dms", False)) == "kept"
    assert secrets.put == []
    assert password_of(secrets, UserSecret("arn:empty", "dms", False)) == "drawn"
    assert secrets.put == [("arn:empty", {"username": "dms", "password": "drawn"})]


def test_it_asks_and_production_wants_its_name(
    dms_stream: OperatingCommand, prepared: Operated, source: Recorder
) -> None:
    assert "pass --yes to approve" in dms_stream.refuse("prepare-source", "--database", URL)
    prepared.settings(production=True)
    said = dms_stream.refuse("prepare-source", "--database", URL, "--yes")
    assert "pass --confirm local" in said
    assert source.sql == []


def test_what_stands_in_for_a_source_is_a_plain_server_with_a_user_of_its_own(
    dms_stream: OperatingCommand, prepared: Operated, source: Recorder
) -> None:
    dms_stream.succeed("prepare-source", "--database", URL, "--yes")
    assert source.sql[0] == "SET GLOBAL binlog_expire_logs_seconds = 86400;"
    assert source.sql[1].startswith("CREATE USER IF NOT EXISTS 'dms_reader'@'%' IDENTIFIED BY")
    assert secret(prepared)["username"] == "dms_reader"


@pytest.mark.usefixtures("prepared")
def test_the_embedded_aws_has_no_data_api(dms_stream: OperatingCommand) -> None:
    # and this one no data plane, which keeps the database that stands in
    assert "has no data plane" in dms_stream.refuse("prepare-source", "--yes")


def test_without_a_data_api_the_database_has_to_be_named(
    dms_stream: OperatingCommand, prepared: Operated
) -> None:
    prepared.settings(emulated=False)
    cluster = prepared.state["resources"][-2]["instances"][0]["attributes"]
    cluster["enable_http_endpoint"] = False
    prepared.save()
    assert "has no RDS Data API (source.data_api)" in dms_stream.refuse("prepare-source", "--yes")
    del prepared.state["resources"][-2]
    prepared.save()
    assert "its source is not a cluster of its own" in dms_stream.refuse("prepare-source", "--yes")


def data_api(answer: dict[str, Any] | None, sql: str) -> tuple[DataApi, Stubber]:
    client = boto3.client(
        "rds-data",
        region_name="eu-west-1",
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
    )
    stub = Stubber(client)
    asked = {
        "resourceArn": "arn:aws:rds:eu-west-1:123456789012:cluster:tickets",
        "secretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:master",
        "sql": sql,
        "continueAfterTimeout": True,
    }
    if answer is None:
        stub.add_client_error(
            "execute_statement",
            "BadRequestException",
            f"PROCEDURE mysql.rds_set_configuration does not exist; near '{sql}'",
            expected_params=asked,
        )
    else:
        stub.add_response("execute_statement", answer, asked)
    stub.activate()
    return DataApi(client, asked["resourceArn"], asked["secretArn"], "admin"), stub  # type: ignore[arg-type]


def test_the_data_api_runs_a_statement_and_gives_its_rows() -> None:
    api, stub = data_api(
        {"records": [[{"stringValue": "a"}, {"longValue": 3}, {"isNull": True}]]}, "SELECT 1"
    )
    assert api.run("SELECT 1") == [("a", 3, None)]
    assert api.where == "the cluster tickets (RDS Data API)"
    stub.assert_no_pending_responses()


def test_the_data_apis_refusal_has_no_password_and_says_what_to_do() -> None:
    sql = "CALL mysql.rds_set_configuration('x', 'hidden')"
    api, _ = data_api(None, sql)
    with pytest.raises(OperationError) as refused:
        api.run(sql, secret="hidden")
    assert "hidden" not in str(refused.value)
    assert str(refused.value).endswith(
        "it is no server of RDS: set source.managed_by_rds to false in the settings"
    )


EXISTING = (
    "    network:\n      kind: existing\n      vpc_id: vpc-0a1b2c3d4e5f60718\n"
    "      subnet_ids: [subnet-0a1b2c3d4e5f60711, subnet-0a1b2c3d4e5f60712]\n"
    "    source:\n      kind: existing\n      host: db.example.org  # ours\n"
    "      secret_arn: arn:aws:secretsmanager:eu-west-1:123456789012:secret:admin-Ab12Cd  # admin\n"
    "      cidr: 10.0.0.0/16\n"
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "    source:\n      kind: new  # empty\n      tls_required: false\n",
            "    source:\n      kind: new  # empty\n      tls_required: false\n"
            f"      dms_credentials:\n        secret_arn: {ARN}\n",
        ),
        (
            EXISTING,
            EXISTING.replace(
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:admin-Ab12Cd  # admin", ARN
            ),
        ),
    ],
    ids=["new", "existing"],
)
def test_only_the_secrets_lines_of_a_settings_file_change(
    tmp_path: Path, source: str, expected: str
) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text(HEAD + source + REST)
    name_dms_secret(file, "tickets", "existing" if source is EXISTING else "new", ARN)
    assert file.read_text() == HEAD + expected + REST
    assert [path.name for path in tmp_path.iterdir()] == ["trial.yaml"]


@pytest.mark.parametrize(
    ("source", "arn"),
    [
        # better left to people
        ("    source: {kind: new, tls_required: false}\n", ARN),
        # not valid
        ("    source:\n      kind: new\n      tls_required: false\n", "no arn"),
    ],
)
def test_a_file_that_cannot_name_it_stays_as_it_is(tmp_path: Path, source: str, arn: str) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text(HEAD + source + REST)
    with pytest.raises(SettingsError):
        name_dms_secret(file, "tickets", "new", arn)
    assert file.read_text() == HEAD + source + REST
    assert [path.name for path in tmp_path.iterdir()] == ["trial.yaml"]


def test_where_the_settings_cannot_name_it_the_lines_are_shown(
    dms_stream: OperatingCommand, prepared: Operated, source: Recorder
) -> None:
    file = prepared.workspace.file
    text = file.read_text()
    braces = text.replace(
        "source:\n      kind: new\n      tls_required: false\n",
        "source: {kind: new, tls_required: false}\n",
    )
    assert braces != text
    file.write_text(braces)
    said = dms_stream.succeed("prepare-source", "--database", URL, "--yes")
    assert source.sql
    assert f"dms_credentials:\n  secret_arn: {secret(prepared)['arn']}" in said
    assert file.read_text() == braces
