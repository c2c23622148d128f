"""The commands of `dms-stream`.

Commands import what they need when they run: the bindings start a Node process, and `--help`
should not wait for it.
"""

import os
import shlex
import shutil
import sys
from contextlib import suppress
from dataclasses import asdict
from errno import EBADF
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from constructs_lib.errors import DmsStreamError
from dms_stream import __version__
from dms_stream.cli.json_output import print_document
from dms_stream.cli.observing import observing_app
from dms_stream.cli.options import (
    ConfirmOption,
    EmulatedOption,
    EnvironmentOption,
    JsonOption,
    PipelinesOption,
    YesOption,
)
from dms_stream.cli.plain_text import plain
from dms_stream.cli.preparing import preparing_app
from dms_stream.cli.querying import querying_app
from dms_stream.cli.running import running_app
from dms_stream.cli.surroundings import require_surroundings
from dms_stream.cli.usage import refuse_arguments, refuse_value
from dms_stream.extras import require_extras
from dms_stream.programs import Stopped, orderly_stops

if TYPE_CHECKING:
    from rich.console import Console


class _Group(TyperGroup):
    """Commands whose help is wrapped as wide as the terminal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for command in self.commands.values():
            # typer keeps the line breaks of a docstring, and wraps beside them
            paragraphs = cleandoc(command.help or "").split("\n\n")
            command.help = "\n\n".join(text.replace("\n", " ") for text in paragraphs)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called, and its arguments."""
        name, command, arguments = super().resolve_command(ctx, args)
        if command is not None:
            context = typer.Context(command, info_name=name, parent=ctx)
            refuse_arguments(command, context, arguments)
        return name, command, arguments


class _Commands(_Group):
    """The commands, each of which a signal ends in an orderly way, with the code shells expect."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with orderly_stops():
            try:
                return super().invoke(ctx)
            except typer.BadParameter as error:
                refuse_value(error)
                raise
            except Stopped as stopped:
                # the terminal may be gone
                with suppress(OSError):
                    typer.echo(stopped.note, err=True)
                raise typer.Exit(stopped.exit_code) from None


app = typer.Typer(
    name="dms-stream",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""
    Change data capture from Aurora MySQL to S3 on AWS: DMS, Kinesis and Firehose, as Terraform.

    Examples:

      dms-stream init orders: a project of your own, in the folder orders

      dms-stream demo: everything, on this machine, without an account

      dms-stream plan --env production: what a deployment would change

      dms-stream review --env production: what that would do to the data

      dms-stream deploy --env seed: bootstrap and pipelines, for real

      dms-stream deploy --env local --yes: the same on the embedded AWS
    """,
)
local_aws_app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="""
    The embedded AWS of this machine (moto), to which the environment `local` is deployed.

    Examples:

      dms-stream local-aws start

      dms-stream local-aws stop
    """,
)
app.add_typer(local_aws_app, name="local-aws")
# without a name, their commands stand beside the others
app.add_typer(running_app)
app.add_typer(observing_app)
app.add_typer(preparing_app)
app.add_typer(querying_app)

_WEEK_SECONDS = 7 * 86_400

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Your MySQL-compatible database: mysql://user@host:3306, its password in the variable "
        "MYSQL_PWD; it is only read. Default: one of our own, with sample data.",
    ),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        _console().print(f"dms-stream {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Options that stand before a command."""


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(help="Where; its last part is the project's name.", show_default=False)
    ],
) -> None:
    """Write a project of your own: app, environments, tests, Pipfile, review workflow.

    The folder must be new or empty. Nothing is installed and nothing is deployed.

    Example: dms-stream init orders
    """
    from dms_stream.init import init_project

    init_project(folder)
    _console().print(
        f"{folder} is a project now. Next:\n\n"
        f"  cd {shlex.quote(str(folder))}\n"
        "  pipenv install --dev\n"
        "  pipenv run dms-stream synth\n"
        "  pipenv run pytest\n"
        "  pipenv run dms-stream demo\n\n"
        "Its README.md says what each does, and how to go on to an account.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the embedded AWS up.")] = False,
) -> None:
    """Deploy everything onto the embedded AWS, plan again, and show what exists.

    Example: dms-stream demo --keep
    """
    require_extras("constructs", "rehearsal")
    from dms_stream.cli.demo import run_demo

    run_demo(_console(), keep=keep)


@app.command()
def rehearse(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    database: DatabaseOption = None,
    purchases: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Rows of the sample's largest table. Default: 10000, or what a run that continues "
            "has loaded.",
        ),
    ] = None,
    changes: Annotated[
        int | None, typer.Option(min=0, help="Changes made to the sample. Default: 2000.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Another one gives other rows and changes. Default: 1.")
    ] = None,
    watch: Annotated[
        int,
        typer.Option(
            min=0,
            max=_WEEK_SECONDS,
            metavar="SECONDS",
            help="Capture your database's changes so long, a week at most.",
        ),
    ] = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the embedded AWS up.")] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html",
            help="Write the verdict as a page, too; of several pipelines, each gets a page of its "
            "own, FILE-<pipeline>.html.",
        ),
    ] = None,
    fill_workload: Annotated[
        bool,
        typer.Option(
            "--fill-workload",
            help="Write the mean size of a record into the settings: workload.bytes_per_row.",
        ),
    ] = False,
    then: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="SETTINGS.yaml",
            help="Another version of the settings, deployed afterwards while changes keep coming: "
            "what the review of its plan says stands beside what happened. Can be repeated.",
        ),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Move real rows through the pipeline as deployed on the embedded AWS, and compare.

    Without --database it starts a database of its own with sample data. An embedded AWS that runs
    is used as it is. Exit code 1 when what landed is not what the source holds, and with --then
    when something else happened than the review has announced.

    Example: dms-stream rehearse --env local --pipeline tickets --report rehearsal.html
    """
    require_extras("constructs", "rehearsal")
    from datetime import timedelta

    from dms_stream.cli.errors import CommandError
    from dms_stream.cli.rehearse import RehearsalOptions, run_rehearsal

    of_the_sample = {"purchases": purchases, "changes": changes, "seed": seed}
    sample: dict[str, Any] = {
        name: value for name, value in of_the_sample.items() if value is not None
    }
    if watch and database is None:
        raise CommandError(
            "--watch waits for changes of your own database: give --database, or leave it out"
        )
    if database is not None and sample:
        options_given = ", ".join(f"--{name}" for name in sample)
        raise CommandError(
            f"{options_given}: they are about the sample, and --database reads your own rows: "
            "leave one of the two out"
        )
    options = RehearsalOptions(
        database,
        **sample,
        watch=timedelta(seconds=watch),
        report=report,
        keep=keep,
        fills_workload=fill_workload,
        as_json=json_,
        then=tuple(then or ()),
    )
    # what a program reads stands alone on standard output
    if not run_rehearsal(_console(stderr=json_), env, pipeline, options):
        raise typer.Exit(1)


@app.command()
def catalog(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The source: mysql://user@host:3306, its password in the variable MYSQL_PWD; it "
            "is only read. Default: the control records in the newest 1,000 objects that "
            "landed.",
        ),
    ] = None,
    yes: YesOption = False,
    emulated: EmulatedOption = False,
    json_: Annotated[
        bool,
        typer.Option("--json", help="Print the tables as JSON; the file is written with --yes."),
    ] = False,
) -> None:
    """Write the captured tables' columns and keys into the settings, for views of their rows.

    It shows what changes in the settings file and asks; comments and all other keys stay. Tables
    without a primary key are named and left out.

    Example: dms-stream catalog --env seed --database mysql://dms_user@db.example.org:3306
    """
    require_extras("constructs", "rehearsal")
    from dms_stream.cli.catalog import CatalogOptions, run_catalog

    options = CatalogOptions(database, emulated=emulated, approved=yes, as_json=json_)
    if not run_catalog(_console(), env, pipeline, options):
        raise typer.Exit(1)


@app.command()
def size(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    mean: Annotated[
        float | None, typer.Option(metavar="ROWS/S", help="Changes a second on average.")
    ] = None,
    peak: Annotated[
        float | None, typer.Option(metavar="ROWS/S", help="Changes a second at the peak.")
    ] = None,
    bytes_: Annotated[
        int | None, typer.Option("--bytes", help="Bytes of a change's record on the stream.")
    ] = None,
    tables: Annotated[int | None, typer.Option(help="Tables that change.")] = None,
    prices: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.yaml",
            help="Prices of your region and contract. Default: packaged list prices of us-east-1.",
        ),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Show what a workload needs and costs in a month, each way to pay for it side by side.

    The workload is the settings' `workload`; options take the place of its keys. It needs neither
    an account nor a network.

    Example: dms-stream size --env seed --mean 50 --peak 400 --bytes 700 --tables 1
    """
    require_extras("constructs")
    from dms_stream.cli.size import SizeOptions, run_size

    given = {
        "mean_rows_per_second": mean,
        "peak_rows_per_second": peak,
        "bytes_per_row": bytes_,
        "tables": tables,
    }
    known = {name: value for name, value in given.items() if value is not None}
    run_size(_console(), env, pipeline, SizeOptions(prices, known, json_))


@app.command("check-source")
def check_source(
    database: Annotated[
        str,
        typer.Option(
            metavar="URL", help="mysql://user@host:3306, the password in the variable MYSQL_PWD."
        ),
    ],
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            metavar="NAME|FILE",
            help="Judge the tables that this environment's pipelines select. Default: all that "
            "the user sees.",
        ),
    ] = None,
    pipeline: PipelinesOption = None,
    json_: JsonOption = False,
) -> None:
    """Show whether a database can be a source of DMS, and what to do where it cannot.

    Exit code 1 when something fails.

    Example: dms-stream check-source --database mysql://dms_user@db.example.org:3306 --env seed
    """
    require_extras("rehearsal")
    from dms_stream.cli.check_source import run_check_source

    if not run_check_source(
        _console(), database, environment=env, pipelines=pipeline, as_json=json_
    ):
        raise typer.Exit(1)


@app.command()
def synth(
    env: EnvironmentOption = None, emulated: EmulatedOption = False, json_: JsonOption = False
) -> None:
    """Write an environment's Terraform JSON; needs neither an account nor Terraform.

    Example: dms-stream synth --env production
    """
    require_extras("constructs")
    from dms_stream.cli.synthesis import synthesize_here
    from dms_stream.cli.workspace import open_workspace

    workspace = open_workspace(env, emulated=emulated, needs_aws=False)
    synthesize_here(workspace)
    stacks = [workspace.bootstrap_stack, *workspace.pipeline_stacks()]
    files = {stack: str(workspace.stack_folder(stack) / "cdk.tf.json") for stack in stacks}
    if json_:
        _print_json([{"stack": stack, "file": file} for stack, file in files.items()])
    else:
        typer.echo("\n".join(files.values()))


@app.command()
def plan(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Show what a deployment would change.

    The bootstrap stack must be deployed: its bucket holds the states.

    Example: dms-stream plan --env production --pipeline orders
    """
    require_extras("aws", "constructs")
    from dms_stream.cli import terraform_runner as terraform
    from dms_stream.cli.aws_access import open_deployable
    from dms_stream.cli.deployment import require_bootstrap

    workspace = open_deployable(env, emulated=emulated)
    stacks = workspace.pipeline_stacks(pipeline)
    require_bootstrap(workspace)
    terraform.synthesize(workspace)
    console, screen = _console(stderr=json_), terraform.Terminal(stderr=json_)
    planned = []
    for stack in [*([] if pipeline else [workspace.bootstrap_stack]), *stacks]:
        console.rule(stack)
        terraform.init(workspace, stack)
        with terraform.plan_file() as file:
            terraform.plan(workspace, stack, screen, file=file)
            if json_:
                changes = terraform.changes_to_make(workspace, stack, file)
                planned.append({"stack": stack, "changes": changes})
    if json_:
        _print_json(planned)


@app.command()
def review(
    plans: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PLAN",
            help="A plan file of Terraform's, the JSON of `terraform show -json`, or - for "
            "standard input. Default: plan the environment.",
        ),
    ] = None,
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    emulated: EmulatedOption = False,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT[=FILE]",
            help="terminal, markdown, json or sarif; can be repeated. Default: terminal.",
        ),
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(
            metavar="SEVERITY",
            help="Least severity that ends with exit code 1: data-loss, exposure, interruption, "
            "unknown, notice or noise.",
        ),
    ] = "data-loss",
    accepted: Annotated[
        Path | None,
        typer.Option(help="What the team has accepted. Default: review.yaml, if there is one."),
    ] = None,
    deployed: Annotated[
        Path | None,
        typer.Option(
            help="Output folder of a synth of what is deployed, to see where prevent_destroy is "
            "taken away; only with --env."
        ),
    ] = None,
    chdir: Annotated[
        Path | None,
        typer.Option(help="Folder in which PLAN was made. Default: where it is."),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Say what a change will do to the data, before it is applied.

    Exit code 0: nothing as serious as --fail-on; 1: something is; 2: bad input.

    Example: dms-stream review --env production --format terminal --format markdown=comment.md
    """
    from dms_stream.cli import review as reviewing
    from dms_stream.cli.errors import CommandError

    formats = [*(formats or []), *(["json"] if json_ else [])]
    outputs = [reviewing.Output.parse(text) for text in formats or ["terminal"]]
    reviewing.require_outputs(outputs, inputs=reviewing.inputs(plans or (), accepted))
    least = reviewing.parse_severity(fail_on)
    known = reviewing.acknowledgements(accepted)
    settings_file = None
    if plans:
        if env or pipeline or emulated or deployed:
            raise CommandError("give either plans or --env with its options, not both")
        read = reviewing.read_plans(plans, folder=chdir)
    else:
        if chdir:
            raise CommandError("--chdir says where a given PLAN was made: give one")
        require_extras("aws", "constructs")
        from dms_stream.cli.aws_access import open_deployable
        from dms_stream.cli.deployment import require_bootstrap

        workspace = open_deployable(env, emulated=emulated)
        stacks = workspace.pipeline_stacks(pipeline)
        require_bootstrap(workspace)
        read = reviewing.plan_environment(
            workspace,
            [*([] if pipeline else [workspace.bootstrap_stack]), *stacks],
            deployed=deployed,
            console=_console(stderr=True),
        )
        settings_file = reviewing.shown_path(workspace.file)
    if reviewing.review_and_report(
        read, accepted=known, fail_on=least, outputs=outputs, settings_file=settings_file
    ):
        raise typer.Exit(1)


@app.command()
def preflight(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    emulated: EmulatedOption = False,
    json_: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Ask the account, read-only, whether it would accept the deployment.

    Exit code 0: nothing would be refused, as far as the account tells; 1: something would.

    Example: dms-stream preflight --env production
    """
    require_extras("aws", "constructs")
    from dms_stream.cli import preflight as asking
    from dms_stream.cli.aws_access import open_deployable
    from dms_stream.preflight.preflight import worst

    workspace = open_deployable(env, emulated=emulated)
    checked = asking.preflight(workspace, workspace.pipeline_stacks(pipeline))
    if json_:
        print_document(asking.as_json(checked) + "\n")
    else:
        asking.show(_console(), checked)
    if worst(checked) == "fail":
        raise typer.Exit(1)


@app.command()
def deploy(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    bootstrap_only: Annotated[
        bool, typer.Option("--bootstrap-only", help="Only what the account needs once.")
    ] = False,
    yes: YesOption = False,
    emulated: EmulatedOption = False,
    preflight: Annotated[
        bool | None,
        typer.Option(
            "--preflight/--no-preflight",
            help="Whether to ask the account first. Default: a real account is asked, the embedded "
            "AWS is not.",
        ),
    ] = None,
) -> None:
    """Deploy the bootstrap stack, then the pipelines.

    It shows each stack's plan and asks; anything but yes changes nothing, and ends with exit code
    1. The bootstrap's state moves into the bucket it makes; running it again changes nothing. The
    first Ctrl-C stops in an orderly way.

    Example: dms-stream deploy --env seed --bootstrap-only
    """
    require_extras("aws", "constructs")
    from dms_stream.cli.afterwards import looking_afterwards
    from dms_stream.cli.approval import require_approval
    from dms_stream.cli.aws_access import open_deployable
    from dms_stream.cli.deployment import Deployment
    from dms_stream.cli.errors import CommandError
    from dms_stream.cli.preflight import refuse_failures

    if bootstrap_only and pipeline:
        raise CommandError("--bootstrap-only and --pipeline exclude each other: give one of them")
    require_approval(yes)
    workspace = open_deployable(env, emulated=emulated)
    stacks = [] if bootstrap_only else workspace.pipeline_stacks(pipeline)
    console = _console()
    if preflight is None:
        preflight = not workspace.settings.emulated
    if preflight:
        refuse_failures(console, workspace, stacks)
    with looking_afterwards(workspace, stacks, console=console):
        if not Deployment(workspace, approved=yes, console=console).deploy(stacks):
            raise typer.Exit(1)


@app.command()
def destroy(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    bootstrap: Annotated[
        bool,
        typer.Option("--bootstrap", help="The bootstrap stack, once all pipelines are gone."),
    ] = False,
    yes: YesOption = False,
    confirm: ConfirmOption = None,
    emulated: EmulatedOption = False,
) -> None:
    """Destroy pipelines; what is protected refuses, and the bootstrap stack stays.

    It shows each stack's plan and asks; anything but yes changes nothing, and ends with exit code
    1. docs/destroying.md tells how to go on without losing data.

    Example: dms-stream destroy --env local --pipeline tickets --yes
    """
    require_extras("aws", "constructs")
    from dms_stream.cli.approval import YES, require_approval
    from dms_stream.cli.aws_access import open_deployable
    from dms_stream.cli.confirmation import require_confirmable
    from dms_stream.cli.deployment import Deployment, require_bootstrap
    from dms_stream.cli.errors import CommandError

    if bootstrap and pipeline:
        raise CommandError("--bootstrap and --pipeline exclude each other: give one of them")
    require_approval(yes or confirm is not None)
    workspace = open_deployable(env, emulated=emulated)
    require_confirmable(workspace, yes=yes, confirm=confirm)
    production = workspace.settings.production
    deployment = Deployment(
        workspace,
        approved=confirm is not None or (yes and not production),
        console=_console(),
        word=workspace.name if production else YES,
    )
    if bootstrap:
        done = deployment.destroy_bootstrap()
    else:
        stacks = workspace.pipeline_stacks(pipeline)
        if not stacks:
            raise CommandError(f"{workspace.file} names no pipeline: there is nothing to destroy")
        require_bootstrap(workspace)
        done = deployment.destroy(stacks)
    if not done:
        raise typer.Exit(1)


@app.command()
def unlock(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    yes: YesOption = False,
    emulated: EmulatedOption = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the locks as JSON, and remove none.")
    ] = False,
) -> None:
    """Show who locks the environment's states and since when; remove the locks after asking.

    A deployment that runs holds a lock, rightly. Only one that was killed leaves it behind.

    Example: dms-stream unlock --env seed
    """
    require_extras("aws")
    from dms_stream.cli.errors import CommandError
    from dms_stream.cli.unlock import run_unlock

    if as_json and yes:
        raise CommandError("--json prints the locks and removes none, so leave out --yes or --json")
    if not run_unlock(_console(), env, pipeline, approved=yes, emulated=emulated, as_json=as_json):
        raise typer.Exit(1)


@app.command()
def inventory(
    env: EnvironmentOption = None, emulated: EmulatedOption = False, json_: JsonOption = False
) -> None:
    """Show what exists, and where, from Terraform's states.

    Example: dms-stream inventory --env local
    """
    require_extras("aws", "constructs")
    from dms_stream.cli.aws_access import open_deployable
    from dms_stream.cli.deployment import require_bootstrap
    from dms_stream.cli.inventory import deployed_resources, print_inventory
    from dms_stream.cli.terraform_runner import init, synthesize

    workspace = open_deployable(env, emulated=emulated)
    require_bootstrap(workspace)
    stacks = [workspace.bootstrap_stack, *workspace.pipeline_stacks()]
    synthesize(workspace)
    for stack in stacks:
        init(workspace, stack)
    resources = list(deployed_resources(workspace, stacks))
    if json_:
        _print_json([asdict(resource) for resource in resources])
    else:
        print_inventory(_console(), resources)


@app.command("deployer-policy")
def deployer_policy(
    env: EnvironmentOption = None,
    operate: Annotated[
        bool, typer.Option("--operate", help="For whoever operates it, and does not deploy.")
    ] = False,
    observe: Annotated[bool, typer.Option("--observe", help="For whoever only looks.")] = False,
) -> None:
    """Print the IAM policy that whoever deploys an environment needs; or operates it.

    Example: dms-stream deployer-policy --env production > deployer.json
    """
    from dms_stream.cli.deployer_policy import deployer_policy_text

    print_document(deployer_policy_text(env, operates=operate, observes=observe))


@app.command()
def schema() -> None:
    """Print the JSON Schema of the settings files, for editors.

    Example: dms-stream schema > environments/schema.json
    """
    from dms_stream.settings.schema import settings_schema

    print_document(settings_schema())


@app.command("message-schema")
def message_schema() -> None:
    """Print the JSON Schema of the records that DMS puts on the stream, for consumers.

    Example: dms-stream message-schema > dms-message.schema.json
    """
    from dms_stream.messages import message_schema_text

    print_document(message_schema_text())


@app.command()
def docs() -> None:
    """Write the generated files: settings' schema and reference, review's rules, picture.

    Example: dms-stream docs
    """
    require_extras("constructs")
    from dms_stream.cli.review_docs import write_review_docs
    from dms_stream.cli.settings_docs import write_settings_docs
    from dms_stream.settings.project import current_project

    project = current_project()
    # the picture shows what the project's own stacks make
    sys.path.insert(0, str(project.folder))
    for path in [*write_settings_docs(project), *write_review_docs(project)]:
        typer.echo(path)


@local_aws_app.command("start")
def local_aws_start(
    env: Annotated[
        str, typer.Option(help="Environment whose region and account it gets.", metavar="NAME|FILE")
    ] = "local",
    database: DatabaseOption = None,
    time_scale: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=100.0,
            help="Factor on buffer intervals and on the periods of metrics and alarms; 1 waits as "
            "AWS does. "
            "Default: 0.02.",
        ),
    ] = None,
    data_plane: Annotated[
        bool,
        typer.Option(
            "--data-plane/--no-data-plane",
            help="Whether started tasks and delivery streams move rows.",
        ),
    ] = True,
    json_: JsonOption = False,
) -> None:
    """Start it: the blog post's snapshot is there, and stand-ins for what the environment imports.

    A task that is started there, by whatever calls DMS, moves real rows: from --database, or from a
    database of our own. Databases, tasks and deliveries are started when they are needed.

    Example: dms-stream local-aws start --database mysql://dms_user@127.0.0.1:3306
    """
    require_extras("rehearsal")
    from dms_stream.cli.errors import CommandError
    from dms_stream.cli.rehearse import data_plane_options
    from dms_stream.cli.stand_ins import show_stand_ins
    from dms_stream.cli.workspace import open_workspace, start_embedded_aws

    if not data_plane and (database is not None or time_scale is not None):
        raise CommandError(
            "--database and --time-scale are about rows that move: leave them out, or "
            "--no-data-plane"
        )
    settings = open_workspace(env, needs_aws=False).settings
    options = data_plane_options(database, time_scale=time_scale) if data_plane else None
    endpoint = start_embedded_aws(settings, options)
    if json_:
        from dms_stream.cli.local_aws_status import status_document

        _print_json(status_document(endpoint))
    else:
        _console().print(endpoint.url)
    # the address stands alone on standard output, for scripts
    show_stand_ins(_console(stderr=True), settings)


@local_aws_app.command("stop")
def local_aws_stop() -> None:
    """Stop it; what it held is gone. Fine when none runs.

    Example: dms-stream local-aws stop
    """
    from dms_stream.cli.workspace import stop_embedded_aws

    stop_embedded_aws()


@local_aws_app.command("status")
def local_aws_status(
    json_: JsonOption = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Draw rows on their way, each second, until Ctrl-C.")
    ] = False,
) -> None:
    """Show its address, its tasks and its deliveries; exit code 1 when none runs.

    Example: dms-stream local-aws status --watch
    """
    from dms_stream.cli.errors import CommandError

    if json_ and watch:
        raise CommandError("--json and --watch exclude each other: take one of them")
    from dms_stream import local_aws
    from dms_stream.cli.workspace import emulator_folder

    endpoint = local_aws.current(emulator_folder())
    if endpoint is None:
        if json_:
            _print_json(None)
        else:
            _console().print("none is running")
        raise typer.Exit(1)
    from dms_stream.cli.local_aws_status import show_status, status_document

    if watch:
        from dms_stream.cli.local_aws_watch import watch as watch_rows

        watch_rows(_console(), endpoint)
    elif json_:
        _print_json(status_document(endpoint))
    else:
        show_status(_console(), endpoint)


def main() -> None:
    """Run the command line; mistakes end with one message and exit code 2."""
    try:
        require_surroundings()
        try:
            app(prog_name="dms-stream")
        finally:
            # a full disk says so here at the latest, and not at the interpreter's end
            sys.stdout.flush()
    except DmsStreamError as error:
        _fail(str(error))
    except OSError as error:
        _fail(_in_words(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(problem: str) -> NoReturn:
    # outside text is in it: no control character of it reaches the terminal
    with suppress(OSError):
        typer.echo(_wrapped(f"error: {plain(problem)}"), err=True)
    with suppress(OSError):
        # what could not be written is not tried again when the interpreter ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(2)


def _wrapped(text: str) -> str:
    if not sys.stderr.isatty():
        return text
    from dms_stream.hanging_text import prose_lines

    return "\n".join(prose_lines(text, width=shutil.get_terminal_size().columns))


def _print_json(document: object) -> None:
    from dms_stream.cli.json_output import print_json

    print_json(document)


def _in_words(error: OSError) -> str:
    reason = error.strerror or str(error)
    if error.errno == EBADF:
        return "standard output is closed: leave `>&-` out, or write `> /dev/null`"
    if error.filename is None:
        return f"the system refuses it: {reason}"
    return f"{error.filename}: cannot be read or written: {reason}"


def _console(*, stderr: bool = False) -> "Console":
    from dms_stream.cli.console import open_console  # who writes plain text needs no rich

    return open_console(stderr=stderr)
