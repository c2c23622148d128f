"""examples/live_boto3, as its page says, on an embedded AWS with a database of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dms_stream import data_plane, local_aws
from tests.support.alive import processes
from tests.support.checkout import ROOT
from tests.support.pipelines import instance, make_role
from tests.support.waiting import CEILING_SECONDS

pytestmark = pytest.mark.rehearsal


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An embedded AWS of its own, which is stopped at the end."""
    try:
        data_plane.start(tmp_path, data_plane.DataPlaneOptions(purchases=300))
        yield tmp_path
    finally:
        local_aws.stop(tmp_path)


def test_the_script_does_what_its_page_says(folder: Path) -> None:
    url = local_aws.start(folder).url
    role = make_role(url)
    dms = local_aws.client("dms", url)
    source = dms.create_endpoint(
        EndpointIdentifier="source", EndpointType="source", EngineName="aurora"
    )["Endpoint"]["EndpointArn"]
    arguments = [source, instance(url)["ReplicationInstanceArn"], role]

    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "live_boto3" / "live.py"), *arguments],
        env={**local_aws.process_environment(url), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=CEILING_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    said = re.sub(r"^\{.*\}$", "{…}", done.stdout, flags=re.MULTILINE).splitlines()
    assert said == [
        "rows loaded: 300",
        "{…}",
        "rows loaded again: 300",
        "load records: 600",
        "stopped",
    ]

    local_aws.stop(folder)
    assert processes(str(folder)) == {}
