"""What `start`, `resume`, `stop` and `reload` do: ask, act on each pipeline, and tell."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from constructs_lib.errors import DmsStreamError
from dms_stream.cli.aws_access import sentence
from dms_stream.cli.confirmation import confirmed
from dms_stream.cli.embedded import drain_delivery
from dms_stream.cli.errors import CommandError
from dms_stream.cli.json_output import print_json
from dms_stream.cli.operable import Operable, open_operable
from dms_stream.hanging_text import print_prose
from dms_stream.operations.control import Done, StartMode, begin, end, reload
from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.drain import await_drained
from dms_stream.operations.replicator import find_state


def run_begin(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    mode: StartMode,
    wait: bool,
    yes: bool,
    confirm: str | None,
    emulated: bool,
    as_json: bool,
) -> bool:
    """Start or resume pipelines.

    Returns:
        Whether it was done; else somebody has said no.

    Raises:
        DmsStreamError: it could not be done for one of them; the others are done all the same.
    """
    operable = open_operable(environment, pipelines, "dms", emulated=emulated)
    if mode == "reload" and not confirmed(
        console,
        operable.workspace,
        f"Load all tables of {_named(operable.pipelines)} anew? Every row comes onto the stream "
        "once more.",
        yes=yes,
        confirm=confirm,
    ):
        return _dismissed(console)
    dms = operable.clients["dms"]
    _each(
        console,
        operable,
        lambda pipeline: begin(
            dms, pipeline.replicator, mode, here=operable.here(pipeline), wait=wait
        ),
        doing="starting",
        as_json=as_json,
    )
    return True


def run_end(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    drain: bool,
    yes: bool,
    confirm: str | None,
    emulated: bool,
    as_json: bool,
) -> bool:
    """Stop pipelines, and wait until their streams are drained if that is asked for.

    Returns:
        Whether it was done; else somebody has said no.

    Raises:
        DmsStreamError: it could not be done for one of them; the others are done all the same.
    """
    services = ("dms", "cloudwatch") if drain else ("dms",)
    operable = open_operable(environment, pipelines, *services, emulated=emulated)
    if not confirmed(
        console,
        operable.workspace,
        f"Stop capturing the changes of {_named(operable.pipelines)}?",
        yes=yes,
        confirm=confirm,
    ):
        return _dismissed(console)
    dms = operable.clients["dms"]

    def stop(pipeline: DeployedPipeline) -> Done:
        done = end(dms, pipeline.replicator, here=operable.here(pipeline))
        if not drain:
            return done
        if operable.workspace.settings.emulated:
            drain_delivery(operable.workspace, pipeline)
        else:
            state = find_state(dms, pipeline.replicator)
            stopped_at = (state and state.stopped_at) or datetime.now(UTC)
            await_drained(operable.clients["cloudwatch"], pipeline, stopped_at=stopped_at)
        return Done(
            done.pipeline, done.changed, done.status, f"{done.message}; its stream is drained"
        )

    _each(console, operable, stop, doing="stopping", as_json=as_json)
    return True


def run_reload(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    tables: Sequence[str],
    *,
    yes: bool,
    confirm: str | None,
    emulated: bool,
    as_json: bool,
) -> bool:
    """Load tables of one pipeline anew.

    Returns:
        Whether it was done; else somebody has said no.

    Raises:
        DmsStreamError: it could not be done.
    """
    operable = open_operable(environment, pipelines, "dms", emulated=emulated)
    pipeline = operable.only
    if not confirmed(
        console,
        operable.workspace,
        f"Load {', '.join(tables)} of {pipeline.name} anew? Every row comes onto the stream once "
        "more.",
        yes=yes,
        confirm=confirm,
    ):
        return _dismissed(console)
    here = operable.here(pipeline)
    _each(
        console,
        operable,
        lambda one: reload(operable.clients["dms"], one.replicator, tables, here=here),
        doing="reloading",
        as_json=as_json,
    )
    return True


def _named(pipelines: Sequence[DeployedPipeline]) -> str:
    return ", ".join(pipeline.name for pipeline in pipelines)


def _dismissed(console: Console) -> bool:
    console.print("Nothing was changed.")
    return False


def _each(
    console: Console,
    operable: Operable,
    do: Callable[[DeployedPipeline], Done],
    *,
    doing: str,
    as_json: bool,
) -> None:
    """Act on each pipeline at the same time; what one cannot do does not keep the others from it.

    Raises:
        CommandError: one or more could not; each says why.
    """
    pipelines = operable.pipelines
    with (
        console.status(f"{doing} {_named(pipelines)}"),
        ThreadPoolExecutor(len(pipelines)) as threads,
    ):
        acting = [threads.submit(do, pipeline) for pipeline in pipelines]
        problems = {}
        done: list[Done] = []
        for pipeline, act in zip(pipelines, acting, strict=True):
            try:
                done.append(act.result())
            except DmsStreamError as error:
                problems[pipeline.name] = str(error)
            except (ClientError, BotoCoreError) as error:
                problems[pipeline.name] = f"{pipeline.name}: {sentence(error)}"
    if as_json:
        print_json(done)
    else:
        for each in done:
            print_prose(console, each.message)
    if operable.missing:
        print_prose(console, f"not deployed: {', '.join(operable.missing)}", style="yellow")
    if problems:
        raise CommandError("\n".join(problems.values()))
