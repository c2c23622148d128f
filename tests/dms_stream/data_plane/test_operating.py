"""The operating commands on a pipeline whose rows move."""

import json
from pathlib import Path

import pytest

from constructs_lib.state_backend import state_key
from dms_stream import local_aws
from dms_stream.cli.workspace import Workspace
from dms_stream.local_aws import REGION
from dms_stream.rehearsal.source.database import Connection, execute
from dms_stream.settings.environment import environment_file, load_environment
from tests.support.alive import LivePipeline
from tests.support.checkout import ROOT
from tests.support.operated import OperatingCommand, state_of
from tests.support.pipelines import Source, selection

pytestmark = pytest.mark.rehearsal

BUCKET = "operating-states"


class Live:
    """A live pipeline as the commands find it: by a Terraform state."""

    def __init__(self, pipeline: LivePipeline, folder: Path) -> None:
        file = environment_file("local")
        settings = load_environment(file)
        state = settings.state.model_copy(update={"bucket_name": BUCKET})
        self.workspace = Workspace(
            "local",
            file,
            settings.model_copy(update={"region": REGION, "state": state}),
            ROOT,
            folder,
            local_aws.process_environment(pipeline.url, region=REGION),
        )
        s3 = local_aws.client("s3", pipeline.url)
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        task = pipeline.described()
        name = pipeline.delivery.name
        outputs = {
            "replication_arn": pipeline.arn,
            "replication_instance_arn": task["ReplicationInstanceArn"],
            "source_endpoint_arn": task["SourceEndpointArn"],
            "target_endpoint_arn": task["TargetEndpointArn"],
            "stream_name": name,
            "delivery_stream_name": name,
            "delivery_stream_arn": pipeline.plane.delivery(name)["arn"],
            "landing_bucket_name": name,
            "landing_prefix": "",
        }
        s3.put_object(
            Bucket=BUCKET,
            Key=state_key("local", "local-tickets"),
            Body=json.dumps(state_of(outputs, {})).encode(),
        )


def test_a_day_of_a_pipeline(
    pipeline: LivePipeline,
    source: Source,
    connection: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    execute(connection, "CREATE TABLE seats (id INT PRIMARY KEY, price INT)")
    execute(connection, "INSERT INTO seats VALUES (1, 10), (2, 20), (3, NULL)")
    pipeline.deploy([selection(source.schema)])
    live = Live(pipeline, tmp_path)
    dms_stream = OperatingCommand(monkeypatch, lambda: live)

    assert "the replication has never run" in dms_stream.succeed("status", code=1)
    assert dms_stream.succeed("start") == "tickets: started for the first time (running)\n"
    pipeline.until_counted("seats", TableState="Table completed", FullLoadRows=3)
    execute(connection, "UPDATE seats SET price = 11 WHERE id = 1")
    pipeline.until_counted("seats", Updates=1)

    (told,) = json.loads(dms_stream.succeed("status", "--json"))
    assert told["findings"] == []
    (table,) = told["tables"]
    assert (table["table"], table["loaded"], table["updates"]) == ("seats", 3, 1)

    name = f"{source.schema}.seats"
    (record,) = json.loads(dms_stream.succeed("peek", "--operation", "update", "--json"))
    assert (record["table"], record["record"]["data"]) == (name, {"id": 1, "price": 11})

    dms_stream.succeed("reload", name, "--yes")
    pipeline.until_counted("seats", FullLoadRows=3, FullLoadReloaded=True)
    text = dms_stream.succeed("stop", "--drain", "--yes")
    assert text == "tickets stands still (Stop Reason NORMAL); its stream is drained\n"
    landed = json.loads(dms_stream.succeed("landed", "--json", "-n", "50"))
    assert landed["objects"] > 0
    loads = [document for document in pipeline.delivery.documents() if _is_load(document)]
    assert sorted(document["data"]["id"] for document in loads) == [1, 1, 2, 2, 3, 3]

    assert "go on with `dms-stream resume" in dms_stream.succeed("status", code=1)
    assert dms_stream.succeed("resume") == "tickets: goes on from where it stopped (running)\n"
    assert json.loads(dms_stream.succeed("test-connections", "--json"))[1]["is_good"]


def _is_load(document: dict[str, dict[str, object]]) -> bool:
    return document["metadata"]["operation"] == "load"
