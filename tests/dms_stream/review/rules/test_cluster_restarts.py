"""Examples of the rule `cluster-restarts`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.dms_stream.review.rules.shapes import CLUSTER
from tests.support.small_plans import update

EXAMPLES = (
    example(
        "another port",
        update(CLUSTER, "port", 3306, 3307),
        finds="aws_rds_cluster.it: port: 3306 → 3307",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "within other bounds",
        update(CLUSTER, "serverlessv2_scaling_configuration.0.max_capacity", 4, 8),
        finds="aws_rds_cluster.it: serverlessv2_scaling_configuration.0.max_capacity: 4 → 8",
        severity=Severity.NOTICE,
    ),
    example("tags", update(CLUSTER, "tags", {}, {"a": "b"})),
)

test_examples = examples_of("cluster-restarts", EXAMPLES)


test_entries = entries_of(
    "cluster-restarts",
    [
        *(
            update(type_, path, "was", "is")
            for type_ in (
                "aws_rds_cluster",
                "aws_db_instance",
                "aws_docdb_cluster",
                "aws_neptune_cluster",
            )
            for path in (
                "port",
                "db_cluster_parameter_group_name",
                "db_instance_parameter_group_name",
                "parameter_group_name",
                "option_group_name",
                "vpc_security_group_ids",
                "db_subnet_group_name",
                "network_type",
                "storage_type",
                "instance_class",
                "db_cluster_instance_class",
                "multi_az",
                "ca_cert_identifier",
                "ca_certificate_identifier",
                "iam_database_authentication_enabled",
                "serverlessv2_scaling_configuration.0.max_capacity",
                "serverlessv2_scaling_configuration.0.min_capacity",
                "serverlessv2_scaling_configuration.0.seconds_until_auto_pause",
                "allocated_storage",
                "iops",
                "storage_throughput",
            )
        ),
    ],
)
