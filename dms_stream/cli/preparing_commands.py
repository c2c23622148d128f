"""What `prepare-source` and `activity` do."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.syntax import Syntax

from constructs_lib.aurora_source.props import ImportedSourceProps
from constructs_lib.aurora_source.sql import DMS_USER, binlog_retention_sql
from constructs_lib.errors import SettingsError
from dms_stream.cli.aws_access import aws_errors
from dms_stream.cli.confirmation import confirmed
from dms_stream.cli.embedded import stand_in_database
from dms_stream.cli.errors import CommandError
from dms_stream.cli.json_output import print_json
from dms_stream.cli.operable import Operable, open_operable
from dms_stream.cli.settings_edit import name_dms_secret
from dms_stream.extras import require_extras
from dms_stream.hanging_text import print_prose
from dms_stream.operations.activity import find_sample, keep_active
from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.source_preparation import (
    UserSecret,
    find_secret,
    make_secret,
    master_user,
    password_of,
    run_statements,
    statements,
)
from dms_stream.operations.statements import DataApi, Statements, session

if TYPE_CHECKING:
    from dms_stream.rehearsal.source.database import DatabaseAddress

_USER_OF_A_STAND_IN = "dms_reader"
SERVICES = ("secretsmanager", "rds-data")


def run_prepare_source(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    database: str | None,
    only_show: bool,
    yes: bool,
    confirm: str | None,
    emulated: bool,
    as_json: bool,
) -> bool:
    """Prepare the source of one pipeline.

    Returns:
        Whether it was done, or only shown as asked; else somebody has said no.

    Raises:
        DmsStreamError: it could not be done.
    """
    operable = open_operable(environment, pipelines, *SERVICES, emulated=emulated)
    pipeline = operable.only
    props = operable.workspace.settings.pipelines[pipeline.name].source
    retention = binlog_retention_sql(props.binlog_retention, rds=_is_rds(operable, props))
    with aws_errors(), opened_source(operable, pipeline, database) as source:
        secrets = operable.clients["secretsmanager"]
        name = f"{operable.workspace.name}-{pipeline.name}-dms-user"
        secret = find_secret(secrets, pipeline, name=name, administrator=source.user)
        # a database that stands in on the embedded AWS has a user of the usual name already
        usual = _USER_OF_A_STAND_IN if operable.workspace.settings.emulated else DMS_USER
        user = secret.user if secret else usual
        sql = statements(pipeline, retention, user=user)
        show_statements(console, source, sql, secret, name)
        if only_show:
            if as_json:
                print_json({"pipeline": pipeline.name, "statements": sql, "run": False})
            return True
        question = f"Run this on {source.where}, the source of {pipeline.name}?"
        if not confirmed(console, operable.workspace, question, yes=yes, confirm=confirm):
            console.print("Nothing was changed.")
            return False
        secret = secret or make_secret(
            secrets,
            name=name,
            user=user,
            host=pipeline.output("source_host"),
            port=props.port,
            key_arn=_key_arn(pipeline, props),
            tags={
                "environment": operable.workspace.name,
                "pipeline": pipeline.name,
                "managed-by": "dms-stream",
            },
            description=f"User with which DMS reads the source of {pipeline.name}",
        )
        run_statements(
            source,
            sql,
            password=password_of(secrets, secret),
            told=lambda each: console.print(f"done: {each}", soft_wrap=True),
        )
    switched = secret.is_read_by_dms or _switch(console, operable, pipeline, props, secret)
    if as_json:
        print_json(
            {
                "pipeline": pipeline.name,
                "statements": sql,
                "run": True,
                "secret_arn": secret.arn,
                "settings_name_it": switched,
            }
        )
    return True


def _is_rds(operable: Operable, props: Any) -> bool:
    # what stands in for a source on the embedded AWS is a plain server
    if operable.workspace.settings.emulated:
        return False
    return props.managed_by_rds if isinstance(props, ImportedSourceProps) else True


def _key_arn(pipeline: DeployedPipeline, props: Any) -> str | None:
    if isinstance(props, ImportedSourceProps):
        return props.key_arn
    return pipeline.cluster_key_arn


def show_statements(
    console: Console, source: Statements, sql: Sequence[str], secret: UserSecret | None, name: str
) -> None:
    """Show what would be run, where, and whose password it gives.

    Args:
        console: Where to show it.
        source: Where it would be run.
        sql: The statements.
        secret: Holds the user's password; None: a new one will.
        name: Name of the new one.
    """
    console.print(f"On {source.where}, as {source.user}:", soft_wrap=True)
    # text, which a narrow terminal does not cut off
    shown = Syntax("", "sql", background_color="default").highlight("\n".join(sql))
    shown.rstrip()
    console.print(shown, soft_wrap=True)
    print_prose(
        console,
        f"The password is that of the secret {secret.arn}."
        if secret
        else f"The password is drawn by Secrets Manager into the new secret {name}.",
    )


def _switch(
    console: Console,
    operable: Operable,
    pipeline: DeployedPipeline,
    props: Any,
    secret: UserSecret,
) -> bool:
    workspace, here = operable.workspace, operable.here(pipeline)
    try:
        name_dms_secret(
            workspace.file,
            pipeline.name,
            props.kind,
            secret.arn,
            key_arn=_key_arn(pipeline, props),
        )
    except SettingsError as error:
        print_prose(
            console,
            f"The source is prepared; its settings do not name the secret yet. {error}\nThen "
            f"`dms-stream deploy {here}` lets DMS log in with it.",
        )
        return False
    print_prose(
        console,
        f"{workspace.file} names the secret now. `dms-stream review {here}` shows what that "
        f"changes, and `dms-stream deploy {here}` lets DMS log in with it.",
    )
    return True


def run_activity(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    database: str | None,
    rate: int,
    seconds: int,
    yes: bool,
    confirm: str | None,
    emulated: bool,
    as_json: bool,
) -> bool:
    """Change the sample database of one pipeline's source.

    Returns:
        Whether it was done; else somebody has said no.

    Raises:
        DmsStreamError: there is no sample, or it cannot be reached.
    """
    operable = open_operable(environment, pipelines, *SERVICES, emulated=emulated)
    pipeline = operable.only
    with aws_errors(), opened_source(operable, pipeline, database) as source:
        sample = find_sample(source)
        question = (
            f"Change {sample.what} on {source.where}, about {rate} rows a second for {seconds} s?"
        )
        if not confirmed(console, operable.workspace, question, yes=yes, confirm=confirm):
            console.print("Nothing was changed.")
            return False
        with console.status("working") as status:
            made = keep_active(
                sample,
                a_second=rate,
                seconds=seconds,
                told=lambda counts: status.update(_counted(counts)),
            )
    if as_json:
        print_json({"pipeline": pipeline.name, "made": dict(made)})
    else:
        console.print(f"{_counted(made)} on {source.where}", soft_wrap=True)
    return True


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items()) or "nothing yet"


@contextmanager
def opened_source(
    operable: Operable, pipeline: DeployedPipeline, database: str | None
) -> Iterator[Statements]:
    """The source of a pipeline, for statements.

    Args:
        operable: Its environment.
        pipeline: Which.
        database: URL of the source; None: the Data API of the cluster that it made.

    Raises:
        CommandError: there is no Data API to reach it through.
        DmsStreamError: it cannot be reached.
    """
    if database is not None or operable.workspace.settings.emulated:
        with session(_address(operable, database)) as opened:
            yield opened
        return
    cluster, secret = pipeline.cluster_arn, pipeline.master_secret_arn
    if cluster is None or secret is None:
        raise CommandError(
            f"{pipeline.name}: its source is not a cluster of its own: name it with --database"
        )
    if not pipeline.has_data_api:
        raise CommandError(
            f"{pipeline.name}: its cluster has no RDS Data API (source.data_api): name it with "
            "--database, from where it can be reached"
        )
    user = master_user(operable.clients["secretsmanager"], pipeline)
    yield DataApi(operable.clients["rds-data"], cluster, secret, user)


def _address(operable: Operable, database: str | None) -> "DatabaseAddress":
    require_extras("rehearsal")
    from dms_stream.rehearsal.source.database import PASSWORD_VARIABLE, DatabaseAddress

    if database is None:
        # the embedded AWS has no databases behind its RDS Data API
        return stand_in_database(operable.workspace)
    return DatabaseAddress.from_url(database, password=os.environ.get(PASSWORD_VARIABLE))
