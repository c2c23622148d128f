"""The list of what exists."""

from io import StringIO

import pytest
from rich.text import Text

from dms_stream.cli.console import open_console
from dms_stream.cli.inventory import DeployedResource, print_inventory

NAME = f"{'tickets/' * 4}dms-a1B2c3"
ARN = f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{NAME}"
ADDRESS = "aws_secretsmanager_secret.tickets_network_source_password_secret"
TASK = "arn:aws:dms:eu-central-1:123456789012:task:ABCDEFGHIJKLMNOPQRSTUVWXYZ"
RESOURCES = [
    DeployedResource("local-tickets", "aws_secretsmanager_secret", ADDRESS, ARN),
    DeployedResource("local-tickets", "aws_dms_replication_task", "aws_dms.t", TASK, "tickets"),
    DeployedResource("local-tickets", "aws_route_table", "aws_route_table.a", "rtb-1"),
]


def printed(width: int, *, is_terminal: bool = True) -> list[str]:
    screen = StringIO()
    console = open_console(file=screen, width=width, is_terminal=is_terminal)
    print_inventory(console, RESOURCES)
    return Text.from_ansi(screen.getvalue()).plain.splitlines()


def test_names_are_shown_and_not_arns() -> None:
    lines = printed(200)
    assert lines[0] == "local-tickets"
    assert f"  Secret    {NAME}  {ADDRESS}" in lines
    # a task's ARN ends in letters that say nothing
    assert any(line.split() == ["DMS", "task", "tickets", "aws_dms.t"] for line in lines)
    assert "  and 1 more" in lines
    assert not any("arn:aws" in line for line in lines)


@pytest.mark.parametrize("width", [20, 80])
def test_a_narrow_terminal_leaves_addresses_out_and_breaks_nothing(width: int) -> None:
    lines = printed(width)
    assert f"  Secret    {NAME}" in lines
    assert not any("aws_secretsmanager" in line for line in lines)


def test_a_log_has_everything_in_whole_lines() -> None:
    assert f"  Secret    {NAME}  {ADDRESS}" in printed(80, is_terminal=False)
