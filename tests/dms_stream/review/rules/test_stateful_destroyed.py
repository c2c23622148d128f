"""Examples of the rule `stateful-destroyed`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import BUCKET, CLUSTER, STREAM
from tests.support.small_plans import change

EXAMPLES = (
    example(
        "a stream that no longer stands in the configuration",
        change(STREAM, {"name": "changes"}, action_reason="delete_because_no_resource_config"),
        finds=(
            "changes is destroyed, because it is no longer in the configuration (nor is "
            "its prevent_destroy, which would not help). Lost: every record in it that no "
            "consumer has read yet, and the possibility to read it again."
        ),
        severity=Severity.DATA_LOSS,
    ),
    example(
        "a cluster without a final snapshot",
        change(CLUSTER, {"cluster_identifier": "db", "skip_final_snapshot": True}),
        finds="db is destroyed. Lost: the database, with its automated backups. No final "
        "snapshot is taken (skip_final_snapshot).",
    ),
    example(
        "a bucket that is emptied first",
        change(BUCKET, {"bucket": "b", "force_destroy": True}),
        finds="b is destroyed. Lost: its objects and all their versions. force_destroy is set, "
        "so it is emptied first.",
    ),
    example(
        "a type that nobody here knows, with a telltale attribute",
        change("aws_new_store", {"name": "n", "deletion_protection": False}),
        finds=(
            "n is destroyed. Lost: whatever it holds (this review does not know the type, "
            "but it has `deletion_protection`, as types have that hold data)."
        ),
    ),
    *(
        example(
            f"another of {type_}",
            change(type_, both | {name: "one", "id": "one"}, name="old"),
            change(type_, None, both | {name: "other"}, name="new"),
            finds=f"{shown} is destroyed. Lost: {lost}",
        )
        for type_, both, name, shown, lost in (
            ("aws_s3_object", {"bucket": "b"}, "key", "b/one", "the object."),
            (
                "aws_redshift_cluster_snapshot",
                {"cluster_identifier": "dw"},
                "snapshot_identifier",
                "dw",
                "the snapshot, which may be the only copy.",
            ),
        )
    ),
    example(
        "an object at another address",
        change("aws_s3_object", {"bucket": "b", "key": "k", "id": "k"}, name="old"),
        change("aws_s3_object", None, {"bucket": "b", "key": "k"}, name="new"),
        finds="b/k is destroyed. Lost: the object. This looks like a rename: the plan creates the "
        "same name at aws_s3_object.new, empty.",
    ),
    example("a route table, which holds nothing", change("aws_route_table", {"id": "rtb"})),
    example("a stream that is made", change(STREAM, None, {"name": "changes"})),
)

test_examples = examples_of("stateful-destroyed", EXAMPLES)
