"""What an environment's settings name in another region or account than its own."""

import re
from collections.abc import Collection, Iterator, Mapping

from constructs_lib.errors import Fault
from constructs_lib.props import Props

_ARN = re.compile(
    r"arn:aws[a-z-]*:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>\d*):.+"
)
_ZONE_KEYS = ("availability_zone", "zone_names")
# DMS keeps its certificates, and writes only to streams, of its own account; keys, secrets,
# snapshots and topics may be shared by another:
# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html
_OF_THE_ACCOUNT = ("dms", "kinesis")


def placement_faults(settings: Props, *, region: str, account_ids: Collection[str]) -> list[Fault]:
    """ARNs and availability zones that cannot be used from where the environment is.

    Args:
        settings: The environment.
        region: Its region.
        account_ids: Its accounts; empty: any.
    """
    faults = []
    for path, text in _texts(settings, ()):
        where = ".".join(path)
        if arn := _ARN.fullmatch(text):
            if arn["region"] not in ("", region):
                faults.append(
                    Fault(
                        where,
                        f"is in {arn['region']}, and the environment in {region} (region): name "
                        "one of that region, or change region",
                        text,
                    )
                )
            elif arn["service"] in _OF_THE_ACCOUNT and arn["account"] not in (
                account_ids or (arn["account"],)
            ):
                faults.append(
                    Fault(
                        where,
                        f"is of the account {arn['account']}, and DMS uses it only in its own, "
                        f"here {' or '.join(account_ids)} (account_ids): name one of that "
                        "account, or change account_ids",
                        text,
                    )
                )
        elif any(key in _ZONE_KEYS for key in path) and text[:-1] != region:
            faults.append(
                Fault(
                    where,
                    f"is no availability zone of {region} (region): name one such as {region}a, "
                    "or change region",
                    text,
                )
            )
    return faults


def _texts(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Props):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), (*path, name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, str(key)))
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, str(number)))
