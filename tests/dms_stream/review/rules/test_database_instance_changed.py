"""Examples of the rule `database-instance-changed`."""

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "the writer",
        change(
            "aws_rds_cluster_instance",
            {"identifier": "w", "writer": True, "instance_class": "db.r7g.large"},
            {"identifier": "w", "writer": True, "instance_class": "db.r7g.xlarge"},
        ),
        finds=(
            "w (the writer): instance_class: db.r7g.large → db.r7g.xlarge, in the "
            "maintenance window"
        ),
    ),
    example("tags", update("aws_rds_cluster_instance", "tags", {}, {"a": "b"})),
)

test_examples = examples_of("database-instance-changed", EXAMPLES)


test_entries = entries_of(
    "database-instance-changed",
    [
        *(
            update(type_, path, "was", "is")
            for type_ in (
                "aws_rds_cluster_instance",
                "aws_docdb_cluster_instance",
                "aws_neptune_cluster_instance",
            )
            for path in (
                "instance_class",
                "db_parameter_group_name",
                "neptune_parameter_group_name",
                "ca_cert_identifier",
                "availability_zone",
            )
        ),
        change("aws_docdb_cluster_instance", {"identifier": "a"}),
        change("aws_neptune_cluster_instance", {"identifier": "a"}),
    ],
)
