"""Stand-ins: what settings name as there already, made under the very ids and ARNs they name.

AWS gives its own ids to what it makes, so no call of an API makes a VPC of a given id. The server
has a route for it; see `dms_stream.local_aws.stand_ins_route`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from dms_stream.local_aws.clients import client
from dms_stream.local_aws.errors import LocalAwsError
from dms_stream.local_aws.isolation import REGION, STAND_INS_PATH
from dms_stream.local_aws.seeds import seed_snapshot

_SNAPSHOT = "cluster snapshot"


@dataclass(frozen=True)
class StandIn:
    """Something that exists before Terraform runs.

    Attributes:
        kind: What it is, such as `VPC` or `KMS key`.
        name: Its id, its ARN or its name.
        details: What else it needs, such as the `vpc` of a subnet.
    """

    kind: str
    name: str
    details: Mapping[str, Any] = field(default_factory=dict)


def make_stand_ins(url: str, stand_ins: Sequence[StandIn], *, region: str = REGION) -> None:
    """Make what is not there yet, in this order.

    Args:
        url: The embedded AWS's address.
        stand_ins: What to make; what stands in another needs that one first.
        region: Region to make it in.

    Raises:
        LocalAwsError: one of them cannot be made; it is named.
    """
    asked = [asdict(each) for each in stand_ins if each.kind != _SNAPSHOT]
    request = Request(
        url + STAND_INS_PATH,
        data=json.dumps({"region": region, "stand_ins": asked}).encode(),
    )
    try:
        # a proxy has no business between two processes of this machine
        build_opener(ProxyHandler({})).open(request).close()
    except HTTPError as error:
        raise LocalAwsError(error.read().decode()) from None
    for each in stand_ins:
        if each.kind == _SNAPSHOT:
            _make_snapshot(url, each, region)


def _make_snapshot(url: str, snapshot: StandIn, region: str) -> None:
    name = snapshot.name.rpartition(":")[2]
    made = client("rds", url, region=region).describe_db_cluster_snapshots()
    if name in [each["DBClusterSnapshotIdentifier"] for each in made["DBClusterSnapshots"]]:
        return
    seed_snapshot(url, name, region=region, **snapshot.details)
