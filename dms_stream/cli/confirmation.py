"""Asking before something is done to what is deployed; on production the name is typed."""

import sys

from rich.console import Console

from dms_stream.cli.approval import agreed, require_approval
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace


def require_confirmable(workspace: Workspace, *, yes: bool, confirm: str | None) -> None:
    """Refuse at once what nobody can confirm, before anything is looked up.

    Args:
        workspace: The environment.
        yes: Whether `--yes` was given.
        confirm: What `--confirm` was given; None: it was not.

    Raises:
        CommandError: standard input is no terminal and no option confirms it, or the name is
            another one.
    """
    name = workspace.name
    if confirm is not None and confirm != name:
        raise CommandError(
            f"--confirm {confirm}: names another environment; allowed: {name}, which this command "
            "is about"
        )
    if not workspace.settings.production:
        require_approval(yes or confirm is not None)
    elif confirm is None and not sys.stdin.isatty():
        also = ", and --yes alone does not approve it" if yes else ""
        raise CommandError(
            f"{workspace.file}: {name} is marked `production: true`{also}: its name has to be "
            f"typed, and standard input is no terminal: pass --confirm {name}"
        )


def confirmed(
    console: Console, workspace: Workspace, question: str, *, yes: bool, confirm: str | None
) -> bool:
    """Ask, unless an option has answered.

    Args:
        console: Where to ask.
        workspace: The environment.
        question: What is about to be done, as a question.
        yes: Whether `--yes` was given; it does not answer for production.
        confirm: What `--confirm` was given.

    Returns:
        Whether to go on.
    """
    require_confirmable(workspace, yes=yes, confirm=confirm)
    if confirm is not None:
        return True
    if workspace.settings.production:
        return agreed(console, question, word=workspace.name)
    return yes or agreed(console, question)
