"""An environment deployed on an embedded AWS of its own."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dms_stream import local_aws
from dms_stream.cli import toolchain
from tests.support.checkout import ROOT
from tests.support.command import DmsStream

REGION = "eu-west-1"
CERTIFICATE = ROOT / "environments" / "certificates" / "eu-west-1-bundle.pem"


class Account:
    """An embedded AWS and an environment for it."""

    def __init__(self, folder: Path, settings: str) -> None:
        self.settings = folder / "trial.yaml"
        self.settings.write_text(settings)
        self.dms_stream = DmsStream(folder / "aws")
        told = self.dms_stream.succeed("local-aws", "start", "--env", str(self.settings))
        self.url, *self.stand_ins = told.splitlines()

    def client(self, service: str) -> Any:
        """A boto3 client on it."""
        return local_aws.client(service, self.url, region=REGION)

    def succeed(self, command: str, *arguments: str) -> str:
        """A command on the environment."""
        return self.dms_stream.succeed(command, "--env", str(self.settings), *arguments)

    def state(self, bucket: str, stack: str) -> bytes:
        """A state as it lies in the bucket."""
        found = self.client("s3").get_object(Bucket=bucket, Key=f"trial/{stack}.tfstate")
        body: bytes = found["Body"].read()
        return body

    def unchanged_plan(self, stack: str) -> dict[str, bytes]:
        """The files of a saved plan without changes: configuration, state, what is planned."""
        folder = self.dms_stream.folder / "work" / "cdktf.out" / "stacks" / stack
        variables = toolchain.terraform_variables(
            local_aws.process_environment(self.url, region=REGION)
        )
        said = toolchain.output_of(
            [toolchain.terraform(), "plan", "-input=false", "-out=p"],
            process_environment=variables,
            folder=folder,
        )
        assert "No changes." in said, said
        with zipfile.ZipFile(folder / "p") as saved:
            return {name: saved.read(name) for name in saved.namelist()}


def account(folder: Path, settings: str) -> Iterator[Account]:
    made = Account(folder, settings)
    try:
        yield made
    finally:
        made.dms_stream.succeed("local-aws", "stop")
