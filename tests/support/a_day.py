"""A day in the life of a pipeline: each command as a user types it, and what it says.

    python -m tests.support.a_day

lives the day on an embedded AWS of its own and writes docs/a-day.md. The test lives it too, and
compares what it sees with that page.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dms_stream import local_aws
from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.operations.deployed import read_pipeline
from dms_stream.operations.health import judge
from dms_stream.operations.replicator import RUNS
from dms_stream.operations.status import SERVICES, PipelineStatus, read_status
from tests.support.checkout import ROOT
from tests.support.waiting import until

PAGE = ROOT / "docs" / "a-day.md"
WIDTH = 100
ENVIRONMENT, PIPELINE, REGION = "local", "tickets", "eu-west-1"
STATES = "dms-stream-local-terraform-state"
TABLE, SECOND_TABLE = "dms_sample.ticket_purchase_hist", "dms_sample.tickets"
_ALARMS = ("source-latency", "target-latency")
_LOGGING = "      task_settings: {logging: {enable_logging: true}}\n"
# of outputs that say the same of everything that is made
_LEFT_OUT = "…"
_LOOK_SECONDS = 0.3


class Day:
    """A project of a user's own, its embedded AWS, and the page about both.

    Args:
        folder: Where the project is made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._project = folder, folder / "shop"
        self.page: list[str] = []
        self._environment = {
            **os.environ,
            "COLUMNS": str(WIDTH),
            "NO_COLOR": "1",
            "PYTHONPATH": str(ROOT),
            "TF_CLI_CONFIG_FILE": str(ROOT / ".tools" / "terraform.rc"),
        }
        for name in ("ENV", "DMS_STREAM_LOCAL_AWS"):
            self._environment.pop(name, None)
        self._where = folder

    def tell(self, text: str) -> None:
        """A paragraph or a heading of the page."""
        self.page.append(text)

    def type(
        self, command: str, *, shows: Sequence[str] = (), ends: int = 0, last: int | None = None
    ) -> str:
        """Type a command, and put it on the page with what it says.

        Args:
            command: As typed, with `dms-stream` first.
            shows: Texts that its output must hold.
            ends: Its exit code.
            last: How many lines of its end stand on the page; None: all.

        Returns:
            All that it said.
        """
        said = self._run(shlex.split(command)[1:], ends)
        for text in shows:
            assert text in said, f"{command} does not say {text!r}:\n{said}"
        lines = said.rstrip().splitlines()
        shown = lines if last is None or last >= len(lines) else [_LEFT_OUT, *lines[-last:]]
        self.page.append("\n".join(["```text", f"$ {command}", *shown, "```"]))
        return said

    def enter_project(self) -> None:
        """Go into the project that was made."""
        self._where = self._project

    def write(self, before: str, after: str) -> None:
        """Change the settings, and show what they are now at that place."""
        file = self._project / "environments" / f"{ENVIRONMENT}.yaml"
        text = file.read_text()
        assert before in text, text
        file.write_text(text.replace(before, after))
        lines = after.rstrip().splitlines()
        margin = min(len(line) - len(line.lstrip()) for line in lines if line)
        self.page.append("\n".join(["```yaml", *(line[margin:] for line in lines), "```"]))

    @cached_property
    def url(self) -> str:
        """Where its embedded AWS answers."""
        endpoint = local_aws.current(self._project / ".local-aws")
        assert endpoint is not None
        return endpoint.url

    def client(self, service: str) -> Any:
        """A boto3 client on it."""
        return local_aws.client(service, self.url, region=REGION)

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {name: self.client(name) for name in SERVICES}

    def await_status(self, is_so: Callable[[PipelineStatus], bool]) -> None:
        """Wait until the pipeline is as it has to be."""
        pipeline = read_pipeline(self._clients["s3"], STATES, ENVIRONMENT, PIPELINE)
        assert pipeline is not None

        def looks_so() -> bool:
            time.sleep(_LOOK_SECONDS)  # or the looks would be all that its AWS does
            return is_so(read_status(self._clients, pipeline))

        until(looks_so)

    def kill_task(self) -> None:
        """End the process of the task as a machine without memory would."""
        (task,) = DataPlaneClient(self.url).status()["tasks"]
        os.kill(task["process_id"], signal.SIGKILL)

    def end(self) -> None:
        """Leave nothing running, however the day went."""
        local_aws.stop(self._project / ".local-aws")

    def _run(self, arguments: Sequence[str], ends: int) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "dms_stream", *arguments],
            cwd=self._where,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        line = shlex.join(["dms-stream", *arguments])
        assert done.returncode == ends, f"{line}: {done.returncode}\n{done.stdout}"
        return done.stdout.replace(f"{self._folder}/", "")


def live(day: Day) -> None:
    """Live it, from the first command until nothing is left but the AWS."""
    e = f"--env {ENVIRONMENT}"
    day.tell("# A day in the life of a pipeline")
    day.tell(
        "Every command and every output on this page is real: `make day` lives the day again, on "
        "an embedded AWS\nof its own, and writes the page. A test lives it too, and compares. On "
        "an account the commands are the\nsame."
    )

    day.tell("## Morning: from nothing to a pipeline")
    day.type("dms-stream init shop")
    day.enter_project()
    day.tell(
        "The project's environment `local` is deployed to the embedded AWS. Two settings are "
        "changed: its task is not\nstarted by Terraform, for the source is to be prepared first, "
        "and it logs."
    )
    day.write(
        "    replication:\n",
        f"    replication:\n      start_replication_task: false\n{_LOGGING}",
    )
    day.type("dms-stream local-aws start", shows=["http://127.0.0.1:"])
    day.type(
        f"dms-stream deploy {e} --yes",
        shows=["moving the state of local-bootstrap into the state bucket", "Apply complete!"],
        last=1,
    )
    day.tell("Before the first row moves, DMS tests both ends, and the source is prepared for it:")
    day.type(f"dms-stream test-connections {e}", shows=["source  successful"])
    day.type(f"dms-stream prepare-source {e} --yes", shows=["GRANT SELECT ON", "names the secret"])
    day.tell(
        "Nobody has seen the password. The settings name its secret now; the next deployment lets "
        "DMS log in with it."
    )
    day.type(f"dms-stream start {e}", shows=["started for the first time"])

    day.tell("## Forenoon: does it work?")
    day.await_status(lambda told: _loaded(told) == {TABLE: 10_000})
    day.type(f"dms-stream activity {e} --rate 20 --seconds 2 --yes", shows=["on 127.0.0.1:"])
    day.await_status(lambda told: _changes(told) >= 40 and _is_well(told))
    day.type(f"dms-stream status {e}", shows=["Nothing is wrong.", "10,000"])
    day.type(
        f"dms-stream peek {e} --table {TABLE} --operation update -n 1",
        shows=[f"update  {TABLE}"],
    )
    day.tell("What landed is asked in SQL. On an account Athena answers, here DuckDB does.")
    day.type(f'dms-stream query "SELECT count(*) AS purchases FROM ticket_purchase_hist" {e}')

    day.tell("## Noon: a table more")
    day.tell("Somebody needs the tickets, too. The mapping gets a table:")
    day.write(
        f"      start_replication_task: false\n{_LOGGING}"
        f"      table_mappings:\n        tables: [{TABLE}]\n",
        f"{_LOGGING}      table_mappings:\n        tables: [{TABLE}, {SECOND_TABLE}]\n",
    )
    day.type(
        f"dms-stream review {e}", last=14, shows=["is selected from now on", "below it: 1 exposure"]
    )
    day.type(f"dms-stream deploy {e} --yes", shows=["Apply complete!"], last=1)
    day.tell(
        "Terraform has stopped the task for it and started it again, and DMS logs in as its own "
        "user from now on. A table\nthat is added to a task that has run is not loaded by itself:"
    )
    day.await_status(lambda told: told.replication is not None and told.replication.status in RUNS)
    day.type(f"dms-stream reload {SECOND_TABLE} {e} --yes", shows=["anew"])
    day.await_status(lambda told: _loaded(told).get(SECOND_TABLE, 0) > 0)
    day.type(f"dms-stream status {e}", shows=[SECOND_TABLE])

    day.tell("## Afternoon: an alarm")
    day.tell(
        "The instance has no memory left, and the system ends the task's process. (Here a `kill "
        "-9` does.) The alarm\ngoes off, as no figures come any more:"
    )
    day.kill_task()
    day.await_status(lambda told: _alarms(told) == {"ALARM"})
    day.type(f"dms-stream status {e}", ends=1, shows=["failed", f"{_ALARMS[0]}: Threshold Crossed"])
    day.type(f"dms-stream logs {e} --errors")
    day.tell(
        "`status` says what to do, and so does the [runbook](runbooks/replication-events.md) to "
        "which the alarm's leads: the\ntask goes on from its checkpoint, and loses nothing."
    )
    day.type(f"dms-stream resume {e}", shows=["goes on from where it stopped"])
    day.await_status(lambda told: _alarms(told) == {"OK"} and _is_well(told))
    day.type(f"dms-stream status {e}", shows=["Nothing is wrong."])

    day.tell("## Evening: the end")
    day.tell("Stop, wait until all that was captured has landed, look at it, and take it down:")
    day.type(f"dms-stream stop {e} --drain --yes", shows=["its stream is drained"])
    day.type(f"dms-stream landed {e} -n 1", last=None)
    day.type(f"dms-stream destroy {e} --yes", shows=["0 changed, "], last=1)


def end(day: Day) -> None:
    """Stop the AWS."""
    day.type("dms-stream local-aws stop")


def _loaded(told: PipelineStatus) -> dict[str, int]:
    return {table.name: table.loaded for table in told.tables or ()}


def _changes(told: PipelineStatus) -> int:
    return sum(table.inserts + table.updates + table.deletes for table in told.tables or ())


def _is_well(told: PipelineStatus) -> bool:
    return not judge(told, option="")


def _alarms(told: PipelineStatus) -> set[str]:
    return {alarm.state for alarm in told.alarms or () if alarm.name.endswith(_ALARMS)}


# objects, ids, figures and times
_VOLATILE = re.compile(r"\S+\.gz|[0-9a-f]{8,}|\d[\d,.:T+-]*")
_WORDS = 2


def shape(page: str) -> list[str]:
    """What a page says without what differs from day to day: figures, times, lags, ids.

    Prose, commands and settings stand as they are; of what a command says the first words of each
    line do.
    """
    return list(_shape(page))


def _shape(page: str) -> Iterator[str]:
    inside, before = False, ""
    for line in page.splitlines():
        if line.startswith("```"):
            inside = line == "```text"
        elif inside and not line.startswith("$ "):
            # lines go on below their first words, where the figures before leave them room
            if line and not line.startswith(" ") and (words := _words(line)) != before:
                yield (before := words)
            continue
        before = ""
        yield line


def _words(line: str) -> str:
    if line.startswith("{"):
        return "{…}"
    return " ".join(_VOLATILE.sub("0", line).split()[:_WORDS])


def text_of(day: Day) -> str:
    """The page."""
    return "\n\n".join(day.page) + "\n"


def main() -> None:
    """Live a day, and write the page."""
    with TemporaryDirectory(prefix="dms-stream-day-") as folder:
        day = Day(Path(folder).resolve())
        try:
            live(day)
            end(day)
        finally:
            day.end()
    PAGE.write_text(text_of(day))
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
