"""Examples of the rule `replication-instance-changed`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.dms_stream.review.rules.shapes import INSTANCE
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "another class, at once",
        change(
            INSTANCE,
            {"replication_instance_id": "i", "replication_instance_class": "dms.r6i.large"},
            {
                "replication_instance_id": "i",
                "replication_instance_class": "dms.r6i.xlarge",
                "apply_immediately": True,
            },
        ),
        finds="the instance i: replication_instance_class: dms.r6i.large → dms.r6i.xlarge; "
        "applied at once",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "another window",
        update(INSTANCE, "preferred_maintenance_window", "sun:04:00-sun:05:00", "mon:…"),
        finds="the instance aws_dms_replication_instance.it: preferred_maintenance_window: "
        "sun:04:00-sun:05:00 → mon:…; applied in the maintenance window",
        severity=Severity.NOTICE,
    ),
    example(
        "another zone",
        change(
            INSTANCE,
            {"replication_instance_id": "i", "availability_zone": "eu-west-1a"},
            {"replication_instance_id": "i", "availability_zone": "eu-west-1b"},
            replace=("availability_zone",),
        ),
        finds=(
            "the instance i is destroyed and recreated because availability_zone changes "
            "(eu-west-1a → eu-west-1b)"
        ),
    ),
    example("tags", update(INSTANCE, "tags", {}, {"a": "b"})),
)

test_examples = examples_of("replication-instance-changed", EXAMPLES)


test_entries = entries_of(
    "replication-instance-changed",
    [
        *(
            update("aws_dms_replication_instance", path, "was", "is")
            for path in (
                "replication_instance_class",
                "allocated_storage",
                "engine_version",
                "multi_az",
                "vpc_security_group_ids",
                "network_type",
                "preferred_maintenance_window",
            )
        ),
        change("aws_dms_replication_instance", {"replication_instance_id": "i"}),
    ],
)
