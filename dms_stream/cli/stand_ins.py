"""Stand-ins on the embedded AWS for what an environment's settings import."""

from rich.console import Console

from dms_stream import local_aws
from dms_stream.settings.environment import Environment
from dms_stream.settings.imports import Import, imports


def account_of(settings: Environment) -> str | None:
    """The account whose resources the settings import; None: they name none.

    Of several allowed ones it is the one that most of their ARNs name.
    """
    named = [
        account
        for each in imports(settings)
        if each.name.startswith("arn:") and (account := each.name.split(":")[4]).isdigit()
    ]
    allowed = [account for account in named if account in settings.account_ids]
    if settings.account_ids:
        return max(allowed, key=allowed.count, default=settings.account_ids[0])
    return max(named, key=named.count, default=None)


def make_stand_ins(settings: Environment, url: str) -> None:
    """Make what the settings import, under the names that they give it.

    Raises:
        LocalAwsError: something has no stand-in; it is named.
    """
    stand_ins = [
        local_aws.StandIn(each.kind, each.name, each.details) for each in imports(settings)
    ]
    local_aws.make_stand_ins(url, stand_ins, region=settings.region)


def show_stand_ins(console: Console, settings: Environment) -> None:
    """Say what stands in, by kind; nothing where nothing is imported."""
    found = imports(settings)
    if not found:
        return
    console.print("stand-ins there, for what the settings import:")
    width = max(len(each.kind) for each in found)
    for each in sorted(found, key=_kind):
        console.print(f"  {each.kind:{width}}  {each.name}", soft_wrap=True)


def _kind(each: Import) -> str:
    return each.kind.lower()
