"""The server's half of `dms_stream.local_aws.stand_ins`.

    POST /moto-api/dms-stream/stand-ins
    {"region": …, "stand_ins": [{"kind": "VPC", "name": "vpc-0a1b2c3d", "details": {}}, …]}

What is there already stays as it is. The answer is 204, or 400 with a sentence that names what
cannot be made.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import islice
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dms.models import dms_backends
from moto.ec2.models import ec2_backends, route_tables, security_groups, subnets, vpcs
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.glue.models import glue_backends
from moto.iam.models import iam_backends
from moto.kinesis.models import kinesis_backends
from moto.kms.models import kms_backends
from moto.moto_api._internal import urls
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.utilities.utils import get_partition
from werkzeug.exceptions import HTTPException

from constructs_lib.data_catalog.table import STORAGE, columns
from constructs_lib.dms.engine_versions import AWS_DEFAULT
from dms_stream.local_aws.errors import LocalAwsError
from dms_stream.local_aws.isolation import STAND_INS_PATH
from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()

_VPC_CIDR = IPv4Network("10.200.0.0/16")
_SUBNET_PREFIX = 24
_DESCRIPTION = "stand-in of the embedded AWS"
_wanted_ids: list[str] = []
"""The id that moto gives next, in place of one of its own."""


@dataclass(frozen=True)
class _Place:
    account: str
    region: str
    details: dict[str, Any]

    @property
    def partition(self) -> str:
        return get_partition(self.region)

    @property
    def ec2(self) -> Any:
        return ec2_backends[self.account][self.region]

    def of(self, arn: str) -> str:
        """The account that an ARN names, which may be another one."""
        return arn.split(":")[4] or self.account


@repairs.once
def _add_route() -> None:
    urls.url_paths[f"{{0}}{STAND_INS_PATH}"] = _answer


def _the_wanted_id(original: Method) -> str:
    return _wanted_ids.pop() if _wanted_ids else str(original())


repairs.around(vpcs, "random_vpc_id")(_the_wanted_id)
repairs.around(subnets, "random_subnet_id")(_the_wanted_id)
repairs.around(security_groups, "random_security_group_id")(_the_wanted_id)
repairs.around(route_tables, "random_route_table_id")(_the_wanted_id)


def _answer(request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:
    del full_url, headers
    asked = json.loads(request.get_data())
    account = os.environ.get("MOTO_ACCOUNT_ID", DEFAULT_ACCOUNT_ID)
    for each in asked["stand_ins"]:
        kind, name = each["kind"], each["name"]
        if kind not in _MAKERS:
            return 400, {}, f"{kind} {name}: the embedded AWS has no stand-in for a {kind}"
        try:
            _MAKERS[kind](_Place(account, asked["region"], each["details"]), name)
        except (LocalAwsError, ServiceException, HTTPException) as error:
            return 400, {}, f"{kind} {name}: the embedded AWS cannot make it: {_reason(error)}"
        finally:
            _wanted_ids.clear()
    return 204, {}, ""


def _reason(error: Exception) -> str:
    return str(getattr(error, "message", None) or getattr(error, "description", None) or error)


# The network


def _vpc(place: _Place, name: str) -> None:
    if name in place.ec2.vpcs:
        return
    _wanted_ids.append(name)
    vpc = place.ec2.create_vpc(str(_VPC_CIDR))
    # which interface endpoints with private DNS need
    vpc.enable_dns_hostnames = True


def _subnet(place: _Place, name: str) -> None:
    in_vpc = place.ec2.describe_subnets(filters={"vpc-id": place.details["vpc"]})
    if name in [subnet.id for subnet in place.ec2.describe_subnets()]:
        return
    zones = [zone.name for zone in RegionsAndZonesBackend.zones.get(place.region, [])]
    if not zones:
        raise LocalAwsError(f"it knows no zones of {place.region}")
    number = len(in_vpc)
    block = next(islice(_VPC_CIDR.subnets(new_prefix=_SUBNET_PREFIX), number, None), None)
    if block is None:
        raise LocalAwsError(f"a VPC here has {number} subnets at most")
    _wanted_ids.append(name)
    place.ec2.create_subnet(
        place.details["vpc"], str(block), availability_zone=zones[number % len(zones)]
    )


def _security_group(place: _Place, name: str) -> None:
    if place.ec2.get_security_group_from_id(name) is not None:
        return
    _wanted_ids.append(name)
    place.ec2.create_security_group(f"stand-in-{name}", _DESCRIPTION, place.details.get("vpc"))


def _route_table(place: _Place, name: str) -> None:
    if name in place.ec2.route_tables:
        return
    _wanted_ids.append(name)
    place.ec2.create_route_table(place.details["vpc"])


# Who may do what


def _role(place: _Place, name: str) -> None:
    iam = iam_backends[place.account][place.partition]
    if any(role.name == name for role in iam.get_roles()):
        return
    if name == "AWSServiceRoleForDMSServerless":
        _service_linked_role(iam, name)
        return
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "dms.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    iam.create_role(
        role_name=name,
        assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        path="/",
        permissions_boundary=None,
        description=_DESCRIPTION,
        tags=[],
        max_session_duration="3600",
    )
    if policy := _POLICIES_OF_ROLES.get(name):
        iam.attach_role_policy(f"arn:{place.partition}:iam::aws:policy/{policy}", name)


# https://docs.aws.amazon.com/dms/latest/userguide/security-iam.html#CHAP_Security.APIRole
_POLICIES_OF_ROLES = {
    "dms-vpc-role": "service-role/AmazonDMSVPCManagementRole",
    "dms-cloudwatch-logs-role": "service-role/AmazonDMSCloudWatchLogsRole",
}


def _service_linked_role(iam: Any, name: str) -> None:
    # moto makes its name of the service's, and AWS has it fixed
    role = iam.create_service_linked_role("dms.amazonaws.com", _DESCRIPTION, "")
    role.name = name


def _policy(place: _Place, arn: str) -> None:
    iam = iam_backends[place.account][place.partition]
    if arn in iam.managed_policies:
        return
    if ":iam::aws:" in arn:
        raise LocalAwsError("it knows no policy of AWS's by that name")
    path, _, name = arn.partition(":policy")[2].rpartition("/")
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.create_policy(
        _DESCRIPTION,
        f"{path}/",
        json.dumps({"Version": "2012-10-17", "Statement": [allow]}),
        name,
        [],
    )


def _key(place: _Place, arn: str) -> None:
    keys = kms_backends[place.of(arn)][place.region]
    key_id = arn.rpartition("/")[2]
    if key_id in keys.keys:
        return
    key = keys.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", _DESCRIPTION, None)
    del keys.keys[key.id]
    key.id, key.arn = key_id, arn
    keys.keys[key_id] = key


def _secret(place: _Place, arn: str) -> None:
    store = secretsmanager_backends[place.of(arn)][place.region]
    name = arn.rpartition(":secret:")[2].rpartition("-")[0]
    if name in store.secrets:
        return
    # nobody logs in with it: the rows come from another database
    login = {"username": "stand-in", "password": "stand-in", **place.details}
    store.create_secret(
        name, json.dumps(login), None, _DESCRIPTION, None, None, None, [], force_overwrite=False
    )
    store.secrets[name].arn = arn


# What rows move through


def _topic(place: _Place, arn: str) -> None:
    topics = sns_backends[place.of(arn)][place.region]
    name = arn.rpartition(":")[2]
    topics.create_topic(name, {"FifoTopic": "true"} if name.endswith(".fifo") else {})


def _bucket(place: _Place, name: str) -> None:
    if name in s3_backends.bucket_accounts:
        return
    s3 = s3_backends[place.account][place.partition]
    s3.create_bucket(name, place.region)
    if place.details.get("takes_access_logs"):
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:{place.partition}:s3:::{name}/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [allow]}
        s3.put_bucket_policy(name, json.dumps(policy).encode())


def _stream(place: _Place, arn: str) -> None:
    streams = kinesis_backends[place.account][place.region]
    name = arn.rpartition("/")[2]
    if name in streams.streams:
        return
    streams.create_stream(name, 2, {"StreamMode": "ON_DEMAND"})
    if key := place.details.get("key"):
        streams.start_stream_encryption(arn, name, "KMS", key)


def _instance(place: _Place, name: str) -> None:
    backend: Any = dms_backends[place.account][place.region]
    if name in [each["ReplicationInstanceIdentifier"] for each in backend.instances.values()]:
        return
    group = place.details.get("security_group")
    zone = f"{place.region}a"
    arn = backend.arn("rep")
    backend.instances[arn] = {
        "ReplicationInstanceIdentifier": name,
        "ReplicationInstanceArn": arn,
        "ReplicationInstanceClass": "dms.r6i.large",
        "ReplicationInstanceStatus": "available",
        "InstanceCreateTime": time.time(),
        "AllocatedStorage": 50,
        "AutoMinorVersionUpgrade": False,
        "AvailabilityZone": zone,
        "EngineVersion": AWS_DEFAULT.value,
        "KmsKeyId": f"arn:{place.partition}:kms:{place.region}:{place.account}:alias/aws/dms",
        "MultiAZ": False,
        "NetworkType": "IPV4",
        "PendingModifiedValues": {},
        "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
        "PubliclyAccessible": False,
        "ReplicationInstancePrivateIpAddresses": ["10.200.0.10"],
        "ReplicationInstancePublicIpAddresses": [],
        "ReplicationSubnetGroup": {
            "ReplicationSubnetGroupIdentifier": "stand-in",
            "VpcId": place.details.get("vpc"),
            "SubnetGroupStatus": "Complete",
            "Subnets": [],
        },
        "VpcSecurityGroups": [{"VpcSecurityGroupId": group, "Status": "active"}] if group else [],
    }


def _certificate(place: _Place, arn: str) -> None:
    backend: Any = dms_backends[place.account][place.region]
    backend.certificates.setdefault(
        arn,
        {
            "CertificateIdentifier": f"stand-in-{arn.rpartition(':')[2].lower()}",
            "CertificateArn": arn,
            "CertificateCreationDate": time.time(),
            "CertificateOwner": place.account,
        },
    )


def _table(place: _Place, name: str) -> None:
    glue = glue_backends[place.account][place.region]
    database, _, table = name.partition(".")
    if database not in glue.databases:
        glue.create_database(database, {"Name": database})
    if table in glue.databases[database].tables:
        return
    storage = STORAGE["parquet"]
    glue.create_table(
        database,
        table,
        {
            "Name": table,
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": {
                "Columns": [
                    {"Name": column, "Type": type_}
                    for column, type_ in columns({}, before_image=False).items()
                ],
                "InputFormat": storage.input_format,
                "OutputFormat": storage.output_format,
                "SerdeInfo": {"SerializationLibrary": storage.serde},
            },
        },
    )


_MAKERS: dict[str, Callable[[_Place, str], None]] = {
    "VPC": _vpc,
    "subnet": _subnet,
    "security group": _security_group,
    "route table": _route_table,
    "IAM role": _role,
    "IAM policy": _policy,
    "KMS key": _key,
    "secret": _secret,
    "SNS topic": _topic,
    "S3 bucket": _bucket,
    "Kinesis stream": _stream,
    "replication instance": _instance,
    "certificate": _certificate,
    "Glue table": _table,
}
