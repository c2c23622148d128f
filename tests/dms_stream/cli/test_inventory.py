"""The table of what exists."""

from io import StringIO

import pytest
from rich.console import Console

from dms_stream.cli.inventory import DeployedResource, print_inventory

ARN = f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{'tickets/' * 12}dms-a1B2c3"
ADDRESS = "aws_secretsmanager_secret.tickets_network_source_password_secret"
RESOURCES = [
    DeployedResource("local-tickets", "aws_secretsmanager_secret", ADDRESS, ARN),
    DeployedResource("local-tickets", "aws_route_table", "aws_route_table.a", "rtb-1"),
]


@pytest.fixture
def printed(request: pytest.FixtureRequest) -> list[str]:
    """The lines, on a terminal of 80 columns or in a file."""
    console = Console(file=StringIO(), width=80, force_terminal=request.param, color_system=None)
    print_inventory(console, RESOURCES)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("printed", [False], indirect=True)
def test_a_file_has_whole_lines(printed: list[str]) -> None:
    (line,) = [line for line in printed if "Secret" in line]
    assert ADDRESS in line
    assert ARN in line
    assert any("and 1 more" in line for line in printed)
    assert len({len(line) for line in printed if line[0] in "│┃"}) == 1


@pytest.mark.parametrize("printed", [True], indirect=True)
def test_a_terminal_is_not_exceeded(printed: list[str]) -> None:
    assert max(len(line) for line in printed) == 80
