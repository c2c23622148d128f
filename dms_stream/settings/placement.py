"""What an environment's settings name in another region or account than its own."""

import base64
import re
from collections.abc import Collection, Iterator, Mapping

from constructs_lib.aurora_source import ImportedSourceProps
from constructs_lib.aurora_source.props import DmsCredentials
from constructs_lib.dms_replication.endpoint_props import Certificate
from constructs_lib.errors import Fault
from constructs_lib.network import NetworkProps
from constructs_lib.props import Props
from dms_stream.settings.regions import ZONES, partition_of

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]*|aws):.+"
)
_ZONE_KEYS = ("availability_zone", "zone_names")
# What is used in its own account only. Others may share keys, secrets, snapshots and topics:
# https://aws.amazon.com/blogs/database/configure-an-aws-dms-endpoint-to-access-cross-account-secrets-from-aws-secrets-manager
_OF_THE_ACCOUNT = {
    # https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html
    "dms": "DMS uses it only in its own",
    "kinesis": "DMS uses it only in its own",
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    "iam": "IAM takes a permissions boundary only of its own",
}
_ZONES = (
    "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html"
)
_BUNDLES = "https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem"
# how Amazon names the authorities of a region in the subject of their certificates
_AUTHORITY = re.compile(rb"Amazon RDS ([a-z]{2}(?:-[a-z]+)+-[0-9]) ")


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
        if path[0] == "tags":
            continue  # a tag may tell of anything
        if arn := _ARN.fullmatch(text):
            if arn["partition"] != partition_of(region):
                faults.append(
                    Fault(
                        where,
                        f"is of the partition {arn['partition']}, and {region} (region) is in "
                        f"{partition_of(region)}: nothing is shared between partitions, so name "
                        "one of that partition, or change region",
                        text,
                    )
                )
            elif arn["region"] not in ("", region):
                faults.append(
                    Fault(
                        where,
                        f"is in {arn['region']}, and the environment in {region} (region): name "
                        "one of that region, or change region",
                        text,
                    )
                )
            elif arn["service"] in _OF_THE_ACCOUNT and arn["account"] not in (
                *(account_ids or (arn["account"],)),
                "aws",
            ):
                faults.append(
                    Fault(
                        where,
                        f"is of the account {arn['account']}, and "
                        f"{_OF_THE_ACCOUNT[arn['service']]}, here {' or '.join(account_ids)} "
                        "(account_ids): name one of that account, or change account_ids",
                        text,
                    )
                )
        elif any(key in _ZONE_KEYS for key in path) and not _may_be_a_zone(text, region):
            faults.append(
                Fault(
                    where,
                    f"is no availability zone of {region} (region): name one such as {region}a, "
                    "or change region",
                    text,
                )
            )
    return faults + _secrets_without_a_key(settings, account_ids)


def _secrets_without_a_key(settings: Props, account_ids: Collection[str]) -> list[Fault]:
    """Secrets of another account under the key that AWS manages, which no other account may use."""
    faults = []
    for path, props in _instances(settings, ()):
        if not isinstance(props, ImportedSourceProps | DmsCredentials) or props.key_arn is not None:
            continue
        account = props.secret_arn.split(":")[4]
        if account_ids and account not in account_ids:
            faults.append(
                Fault(
                    ".".join((*path, "secret_arn")),
                    f"is of the account {account}, and key_arn is left out: another account reads "
                    "a secret only under a customer key. Give the key's ARN, or name a secret of "
                    f"{' or '.join(account_ids)} (account_ids). Source: "
                    "https://docs.aws.amazon.com/secretsmanager/latest/userguide/"
                    "auth-and-access_examples_cross.html",
                    props.secret_arn,
                )
            )
    return faults


def _may_be_a_zone(name: str, region: str) -> bool:
    # a region of two zones for an account may have three for all
    letters = max(3, ZONES.get(region, 26))
    return name[:-1] == region and ord(name[-1]) - ord("a") < letters


def region_faults(environment: Props, *, region: str) -> list[Fault]:
    """What the region itself cannot have: more zones than there are, or another's certificates."""
    faults = []
    for path, props in _instances(environment, ()):
        where = ".".join(path)
        if isinstance(props, NetworkProps):
            zones = ZONES.get(region)
            names = props.zone_names or ()
            key, wanted = ("zone_names", len(names)) if names else ("zones", props.zones)
            if zones is not None and wanted > zones:
                faults.append(
                    Fault(
                        f"{where}.{key}",
                        f"is more than {region} (region) has, which is {zones}: lower it "
                        f"({_ZONES})",
                        str(wanted),
                    )
                )
        elif isinstance(props, Certificate) and props.file is not None:
            found = _regions_of_bundle(props.pem)
            if found and region not in found:
                faults.append(
                    Fault(
                        f"{where}.file",
                        f"holds Amazon's certificates of {', '.join(sorted(found))}, and the "
                        f"databases of {region} (region) have others: use "
                        f"{_BUNDLES.format(region=region)}",
                        str(props.file),
                    )
                )
    return faults


def _regions_of_bundle(pem: str) -> set[str]:
    bodies = re.findall(
        r"-----BEGIN CERTIFICATE-----\s(.*?)-----END CERTIFICATE-----", pem, re.DOTALL
    )
    found: set[str] = set()
    for body in bodies:
        try:
            der = base64.b64decode("".join(body.split()), validate=True)
        except ValueError:
            continue
        found |= {name.decode("ascii") for name in _AUTHORITY.findall(der)}
    return found


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


def _instances(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Props]]:
    if isinstance(value, Props):
        yield path, value
        for name in type(value).model_fields:
            yield from _instances(getattr(value, name), (*path, name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _instances(item, (*path, str(key)))
