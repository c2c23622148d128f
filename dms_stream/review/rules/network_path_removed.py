"""A way that the data takes through the network is taken away."""

from collections.abc import Iterator

from constructs_lib.dms.engine_versions import VPC_ENDPOINTS_SINCE
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_WHAT = {
    "aws_vpc_endpoint": "what reached the service only through it does so no more",
    "aws_vpc_security_group_ingress_rule": "who came in by this rule is kept out",
    "aws_vpc_security_group_egress_rule": "what went out by this rule is kept in",
    "aws_security_group_rule": "what passed by this rule is stopped",
    "aws_security_group": "who reached something as a member of it does so no more",
    "aws_route": "what took this route has no way",
    "aws_route_table": "what took its routes has no way",
    "aws_route_table_association": "the subnet falls back to the main route table",
    "aws_subnet": "what stands in it has to go too",
    "aws_vpc": "what stands in it has to go too",
    "aws_db_subnet_group": "the cluster in it has to go too",
    "aws_dms_replication_subnet_group": "the instance in it has to go too",
    "aws_nat_gateway": "what went out through it has no way",
    "aws_internet_gateway": "what went out through it has no way",
}

_USED_BY_DMS = (".kinesis-streams", ".secretsmanager", ".s3")
_FOR_DMS = (
    f"DMS {VPC_ENDPOINTS_SINCE} and later reach Kinesis, Secrets Manager and S3 only through such "
    "endpoints"
)


@rule(
    Severity.INTERRUPTION,
    types=tuple(_WHAT),
    why="Without a way DMS reaches neither source nor stream, and the task fails.",
    instead="Keep it, or make the other way first and take this one away in a later change.",
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_VPC_Endpoints.html",
        provider_page("vpc_endpoint"),
    ),
)
def network_path_removed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A VPC endpoint, security group rule, route or subnet is destroyed or replaced."""
    if change.destroys:
        because = f", because of {change.reasons_for_replacement()}" if change.makes else ""
        subject = change.old("service_name") or change.name
        used = str(subject).endswith(_USED_BY_DMS)
        what = _FOR_DMS if used else _WHAT[change.type]
        yield Observation(f"{subject} is {change.action}{because}: {what}")
