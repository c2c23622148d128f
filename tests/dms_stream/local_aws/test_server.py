"""The server: in this process and as its own, its environment, and what it refuses."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import moto
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.httpsession import URLLib3Session
from moto.kinesis.models import Shard

from dms_stream import local_aws
from dms_stream.local_aws import LocalAws, LocalAwsError, data_plane_client
from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.local_aws.process import claimed
from dms_stream.local_aws.repairs import Repairs
from dms_stream.local_aws.server import install_repairs
from tests.dms_stream.local_aws.conftest import Client

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

Clients = Callable[[str], Client]


def answers(url: str) -> bool:
    """Whether a server answers."""
    with urlopen(f"{url}/moto-api/config") as response:
        return "batch" in json.load(response)


def test_it_answers_on_the_loopback_interface_only(aws: LocalAws) -> None:
    assert aws.url.startswith("http://127.0.0.1:")
    assert answers(aws.url)


def test_one_runs_in_a_process(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match="already running in this process"), LocalAws():
        pass
    assert answers(aws.url)


def test_reset_forgets_everything(aws: LocalAws, client: Clients) -> None:
    dms = client("dms")
    dms.create_endpoint(EndpointIdentifier="e", EndpointType="source", EngineName="aurora")
    assert len(dms.describe_endpoints()["Endpoints"]) == 1
    aws.reset()
    assert dms.describe_endpoints()["Endpoints"] == []


@pytest.mark.parametrize(
    ("service", "call", "name"),
    [
        ("dms", "describe_data_providers", "DescribeDataProviders"),
        ("rds", "describe_pending_maintenance_actions", "describe_pending_maintenance_actions"),
    ],
)
def test_a_call_that_is_missing_is_named_and_not_repeated(
    client: Clients, service: str, call: str, name: str
) -> None:
    with pytest.raises(
        ClientError, match=f"the embedded AWS cannot answer this.*{name}"
    ) as refused:
        getattr(client(service), call)()
    answer = refused.value.response["ResponseMetadata"]
    assert (answer["HTTPStatusCode"], answer["RetryAttempts"]) == (501, 0)
    assert refused.value.response["Error"]["Code"] == "NotImplemented"


def test_an_answer_that_is_lost_on_its_way_is_given_again(aws: LocalAws) -> None:
    rds = local_aws.client("rds", aws.url)
    sent = []

    def lose_the_first(request: AWSPreparedRequest, **_: object) -> None:
        sent.append(request.headers["amz-sdk-invocation-id"])
        if len(sent) == 1:
            URLLib3Session().send(request)
            raise ConnectionClosedError(endpoint_url=request.url)

    rds.meta.events.register("before-send.rds.CreateDBCluster", lose_the_first)
    new = {"DBClusterIdentifier": "orders", "Engine": "aurora-mysql"}
    login = {"MasterUsername": "admin", "MasterUserPassword": "example-of-a-password"}
    made = rds.create_db_cluster(**new, **login)["DBCluster"]
    assert made["DBClusterIdentifier"] == "orders"
    assert len(set(sent)) == 1
    assert len(sent) == 2
    # another call is another one
    with pytest.raises(ClientError, match="AlreadyExists"):
        rds.create_db_cluster(**new, **login)


def test_another_moto_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moto, "__version__", "5.9.9")
    with pytest.raises(LocalAwsError, match=r"tested with moto 5\.2\.5, .*moto 5\.9\.9 is inst"):
        install_repairs()


def test_a_repair_of_what_moto_lacks_is_refused() -> None:
    repairs = Repairs()
    repairs.around(Shard, "gone")(lambda _original: None)
    with pytest.raises(LocalAwsError, match=r"moto has no Shard\.gone to repair"):
        repairs.install()


def test_an_addition_that_moto_has_is_refused() -> None:
    def put_record() -> None:
        pass

    repairs = Repairs()
    repairs.adds(Shard)(put_record)
    with pytest.raises(LocalAwsError, match=r"moto now has its own Shard\.put_record"):
        repairs.install()


def test_the_environment_leads_to_nothing_but_the_embedded_aws() -> None:
    real = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ROLE_ARN": "arn:aws:iam::210987654321:role/admin",
        "AWS_ENDPOINT_URL_S3": "https://s3.example.com",
        "NO_PROXY": "example.com",
        "PATH": "/bin",
    }
    found = local_aws.process_environment("http://127.0.0.1:1", base=real)
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert found["PATH"] == "/bin"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_ENDPOINT_URL_S3"} & set(
        found
    )
    assert found["AWS_SHARED_CREDENTIALS_FILE"] == found["AWS_CONFIG_FILE"] == os.devnull
    assert found["NO_PROXY"] == "example.com,127.0.0.1,localhost"


def test_a_subprocess_finds_the_one_that_runs_here(aws: LocalAws) -> None:
    found = aws.process_environment(base={"PATH": "/bin"})
    assert (found["AWS_ENDPOINT_URL"], found["PATH"]) == (aws.url, "/bin")


def test_two_processes_side_by_side(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    try:
        first, second = local_aws.start(one), local_aws.start(other)
        assert first.url != second.url
        # a Ctrl-C in the terminal that it was started from is none for it
        assert os.getsid(first.pid) == first.pid
        assert answers(first.url)
        assert answers(second.url)
        assert local_aws.start(one) == local_aws.current(one) == first

        local_aws.stop(one)
        assert local_aws.current(one) is None
        assert local_aws.current(other) == second
        assert answers(second.url)
        local_aws.stop(one)
    finally:
        local_aws.stop(one)
        local_aws.stop(other)


def test_what_a_dead_server_left_behind_points_to_nobody(tmp_path: Path) -> None:
    # its process number has gone to somebody else: to this very process
    left = f'{{"url": "http://127.0.0.1:1", "pid": {os.getpid()}, "started": "2024-01-01"}}'
    (tmp_path / "server.json").write_text(left)
    assert local_aws.current(tmp_path) is None
    local_aws.stop(tmp_path)  # would end this process


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"url": 7'])
def test_a_damaged_address_of_a_living_server_is_told(tmp_path: Path, text: str) -> None:
    with claimed(tmp_path):
        (tmp_path / "server.json").write_text(text)
        with pytest.raises(LocalAwsError, match=r"server\.json does not say where the embedded"):
            local_aws.current(tmp_path)
    assert local_aws.current(tmp_path) is None


def test_a_start_that_fails_shows_the_log(tmp_path: Path) -> None:
    (tmp_path / "server.lock").mkdir()
    with pytest.raises(
        LocalAwsError,
        match=r"^the embedded AWS did not start: it ended (?s:.*)server\.log:(?s:.*)IsADirectory",
    ):
        local_aws.start(tmp_path)


def test_one_without_a_data_plane_says_so(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match="has no data plane: stop it and start it again with"):
        DataPlaneClient(aws.url).status()


def test_one_that_hangs_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(
        data_plane_client, "URLLib3Session", lambda *, timeout: asked.append(timeout)
    )
    DataPlaneClient("http://127.0.0.1:1")
    assert asked == [30]


def test_one_that_does_not_answer_is_told() -> None:
    with pytest.raises(LocalAwsError, match="the embedded AWS does not answer"):
        DataPlaneClient("http://127.0.0.1:1").status()
