"""Nothing is captured before everything behind it stands: in the dependency graph of every kind."""

import pytest

from constructs_lib.cdc_pipeline import CdcPipeline, CdcPipelineProps
from constructs_lib.dms_account_roles import DmsAccountRoles
from tests.support import variants
from tests.support.graph import needs
from tests.support.synth import Json, addresses, synth

# a record that is written before one of these is lost, refused, or lands in the clear
# synthesizes every example
pytestmark = pytest.mark.slow

BEFORE_THE_FIRST_RECORD = (
    "aws_db_",
    "aws_cloudwatch_log_",
    "aws_dms_endpoint",
    "aws_iam_role",
    "aws_kinesis_",
    "aws_kms_key",
    "aws_rds_cluster.",
    "aws_route_table",
    "aws_s3_bucket.",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_secretsmanager_secret",
    "aws_vpc_",
)


DELIVERY = "aws_kinesis_firehose_delivery_stream."


def replicator(document: Json) -> str:
    (found,) = (
        address
        for address in addresses(document)
        if address.startswith(("aws_dms_replication_task.", "aws_dms_replication_config."))
    )
    return found


def missing(document: Json) -> list[str]:
    before = needs(document, replicator(document))
    return [
        address
        for address in addresses(document)
        if address.startswith(BEFORE_THE_FIRST_RECORD)
        and address not in before
        # alarms and events tell of records and assessments look at the source; they take none
        and not any(part in address for part in ("_monitoring_", "_assessment_"))
    ]


@pytest.mark.parametrize("name", variants.NAMES)
def test_a_task_waits_for_all_that_a_record_needs(name: str) -> None:
    document = variants.pipeline(name)
    assert missing(document) == []
    before = needs(document, replicator(document))
    made = [a for a in addresses(document) if a.startswith(DELIVERY)]
    # one that exists has read its stream since it was made
    assert bool(made) == (name not in ("imported-delivery", "no-delivery"))
    assert set(made) <= set(before)


@pytest.mark.parametrize("name", variants.EXAMPLES)
def test_the_examples_keep_the_order(name: str) -> None:
    document = variants.example(name)
    if any(a.startswith("aws_dms_replication_") for a in addresses(document)):
        # a worker of the foreign app reads the stream beside Firehose
        assert [address for address in missing(document) if "worker" not in address] == []
    else:
        assert name == "parts_alone"


@pytest.mark.parametrize("name", ["logging", "serverless", "imported-everything"])
def test_a_task_waits_for_the_accounts_roles_where_the_same_stack_makes_them(name: str) -> None:
    props = CdcPipelineProps(**variants.VARIANTS[name])
    document = synth(
        lambda stack: CdcPipeline(
            stack, "tickets", props=props, account_roles=DmsAccountRoles(stack, "dms")
        )
    )
    before = needs(document, replicator(document))
    assert "aws_iam_role_policy_attachment.dms_cloudwatch_logs_role_policy" in before


def test_the_test_sees_a_way_that_is_cut() -> None:
    document = variants.pipeline("imported-everything")
    task = replicator(document)
    type_, _, id_ = task.partition(".")
    cut = {k: v for k, v in document["resource"][type_][id_].items() if k != "depends_on"}
    broken = {**document, "resource": {**document["resource"], type_: {id_: cut}}}
    lost = missing(broken)
    assert "aws_kinesis_firehose_delivery_stream.tickets_delivery" in lost
    assert "aws_iam_role_policy.tickets_delivery_role_log_tickets_delivery" in lost
