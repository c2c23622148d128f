"""What the demo shows of Terraform's output, and what it keeps of it."""

from io import StringIO
from pathlib import Path

import pytest

from dms_stream.cli.console import open_console
from dms_stream.cli.progress import Progress
from dms_stream.programs import Ended

CREATED = [
    "aws_kinesis_stream.changes: Creating...\n",
    "aws_vpc.main: Creating...\n",
    "aws_kinesis_stream.changes: Still creating... [01m10s elapsed]\n",
    "aws_kinesis_stream.changes: Creation complete after 1m12s [id=changes]\n",
    "aws_vpc.main: Modifying... [id=vpc-1]\n",
    "aws_vpc.main: Modifications complete after 3s [id=vpc-1]\n",
    "Apply complete! Resources: 1 added, 1 changed, 0 destroyed.\n",
]


@pytest.fixture
def shown(tmp_path: Path) -> tuple[Progress, StringIO, Path]:
    """Shows on a console of a test, and keeps in a file."""
    written, log = StringIO(), tmp_path / "deploy.log"
    return Progress(open_console(file=written, width=200), log), written, log


def test_what_is_made_is_numbered_and_everything_is_kept(
    shown: tuple[Progress, StringIO, Path],
) -> None:
    progress, written, log = shown
    with progress.showing("local-tickets") as show:
        for line in CREATED:
            show(line)
    assert written.getvalue().splitlines() == [
        "    1  aws_kinesis_stream.changes 1m12s",
        "    2  aws_vpc.main 3s",
    ]
    assert log.read_text() == "".join(CREATED)
    # the numbers and the file go on with the next stack, whose lines have its name beside others
    with progress.showing("local-orders", beside_others=True) as show:
        show(CREATED[3])
    assert written.getvalue().splitlines()[-1] == "    3  aws_kinesis_stream.changes 1m12s"
    assert log.read_text() == "".join(CREATED) + f"local-orders: {CREATED[3]}"


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        (0, "1 made"),
        (1, "1 made, waiting for aws_vpc.v0"),
        (3, "1 made, waiting for aws_vpc.v0, aws_vpc.v1, aws_vpc.v2"),
        (4, "1 made, waiting for aws_vpc.v0, aws_vpc.v1, aws_vpc.v2 and 1 more"),
    ],
)
def test_the_status_line_says_what_is_waited_for(
    shown: tuple[Progress, StringIO, Path],
    monkeypatch: pytest.MonkeyPatch,
    waiting: int,
    expected: str,
) -> None:
    progress, _, _ = shown
    told: list[str] = []
    monkeypatch.setattr(progress._status, "update", told.append)
    with progress.showing("local-tickets") as show:
        for number in range(waiting):
            show(f"aws_vpc.v{number}: Creating...\n")
        show("aws_subnet.a: Creating...\n")
        show("aws_subnet.a: Still creating... [10s elapsed]\n")
        if not waiting:
            assert told[-1] == "0 made, waiting for aws_subnet.a 10s"
        show("aws_subnet.a: Creation complete after 11s [id=a]\n")
    assert told[0] == "planning"
    assert told[-1] == expected


def test_side_by_side_the_line_begins_once_and_ends_with_the_last(
    shown: tuple[Progress, StringIO, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    progress, _, _ = shown
    calls: list[str] = []
    monkeypatch.setattr(progress._status, "start", lambda: calls.append("start"))
    monkeypatch.setattr(progress._status, "stop", lambda: calls.append("stop"))
    with progress.showing("a", beside_others=True) as show:
        show("aws_vpc.main: Creating...\n")
        with progress.showing("b", beside_others=True):
            # the second does not forget what the first waits for
            assert progress._standing() == "0 made, waiting for aws_vpc.main"
        assert calls == ["start"]
    assert calls == ["start", "stop"]
    with progress.showing("c"):
        assert progress._standing() == "0 made"


@pytest.mark.parametrize(("lines", "first"), [(1, 0), (60, 0), (61, 1)])
def test_of_a_failure_the_last_sixty_lines_are_shown(
    shown: tuple[Progress, StringIO, Path], lines: int, first: int
) -> None:
    progress, written, log = shown
    progress.failed(Ended(1, "".join(f"line {number}\n" for number in range(lines))))
    said = written.getvalue().splitlines()
    assert said == [
        *(f"line {number}" for number in range(first, lines)),
        f"Terraform's whole output is in {log}",
    ]
