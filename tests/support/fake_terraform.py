"""A Terraform that does nothing but what a test tells it, and writes down what it was asked."""

import os
import sys
from pathlib import Path

# Its folder holds: `asked` (arguments, a line each), `signals` (what it was sent), `providers`
# (processes it started), and what a test puts there: `waits` lets an apply wait for a SIGINT, and
# `goes-on` ends it then; `no-changes` plans nothing, for
# stacks whose id holds its text; `version` is its version; `says-COMMAND` is
# what that command prints before it fails.
_PROGRAM = r"""
import json, os, signal, subprocess, sys, time, urllib.request
from pathlib import Path

folder = Path(__file__).parent
arguments = sys.argv[1:]
command = arguments[0]
with (folder / "asked").open("a") as asked:
    asked.write(" ".join(arguments) + "\n")

def has(name):
    return (folder / name).exists()

def say(text):
    print(text, flush=True)

if (fails := folder / f"says-{command}").exists():
    say(fails.read_text())
    sys.exit(1)
stack = json.loads(Path("cdk.tf.json").read_text()) if Path("cdk.tf.json").exists() else {}
backend = stack.get("terraform", {}).get("backend", {})
if (override := Path("backend_override.tf.json")).exists():
    backend = json.loads(override.read_text())["terraform"]["backend"]
STREAM = {"mode": "managed", "type": "aws_kinesis_stream"}
KNOWN = [
    STREAM | {"name": "a", "instances": [{}]},
    STREAM | {"name": "b", "instances": [{"status": "tainted"}]},
]
STATE = {"version": 4, "lineage": "fake", "serial": 1, "resources": KNOWN}
if command == "version":
    version = folder / "version"
    say(json.dumps({"terraform_version": version.read_text() if version.exists() else "1.11.4"}))
elif command == "init":
    kind = next(iter(backend))
    remembered = Path(".terraform/terraform.tfstate")
    remembered.parent.mkdir(exist_ok=True)
    remembered.write_text(json.dumps({"backend": {"type": kind}}))
    if "-migrate-state" in arguments and kind == "s3":
        where = backend["s3"]
        url = os.environ["AWS_ENDPOINT_URL"] + f"/{where['bucket']}/{where['key']}"
        bucket = os.environ["AWS_ENDPOINT_URL"] + f"/{where['bucket']}"
        urllib.request.urlopen(urllib.request.Request(bucket, method="PUT"))
        body = json.dumps(STATE).encode()
        kind = {"Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(url, data=body, headers=kind, method="PUT"))
elif command == "plan":
    if has("no-changes") and (folder / "no-changes").read_text() in os.getcwd():
        say("No changes. Your infrastructure matches the configuration.")
        sys.exit(0)
    say("Plan: 2 to add, 0 to change, 0 to destroy.")
    for flag in arguments:
        if flag.startswith("-out="):
            file = Path(flag.removeprefix("-out="))
            with (folder / "plan-files").open("a") as files:
                files.write(f"{file} {file.stat().st_mode & 0o777:o}\n")
            file.write_text("a plan")
    sys.exit(2)
elif command == "output":
    say("{}")
elif command == "show":
    say(json.dumps({"resource_changes": []}))
elif command == "apply":
    if "local" in backend:
        Path(backend["local"]["path"]).write_text(json.dumps(STATE))
    say("aws_kinesis_stream.a: Creation complete after 1s [id=a]")
    if has("waits"):
        stopped = []
        def interrupted(number, frame):
            with (folder / "signals").open("a") as signals:
                signals.write(signal.Signals(number).name + "\n")
            stopped.append(number)
            say("Interrupt received.")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, interrupted)
        provider = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        (folder / "providers").write_text(str(provider.pid))
        say("aws_sns_topic.c: Creating...")
        say("aws_kinesis_stream.b: Creating...")
        while not (stopped and has("goes-on")):
            time.sleep(0.02)
        provider.kill()
        provider.wait()
        say("Error: execution halted")
        sys.exit(1)
    say("\nApply complete! Resources: 2 added, 0 changed, 0 destroyed.")
"""


class FakeTerraform:
    """A program `terraform` in a folder of its own.

    Args:
        folder: The folder; not there yet.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        program = folder / "terraform"
        program.write_text(f"#!{sys.executable}\n{_PROGRAM}")
        program.chmod(0o755)

    def path(self) -> str:
        """A PATH on which it comes first."""
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"

    def let(self, what: str, text: str = "") -> None:
        """Tell it how to behave."""
        (self.folder / what).write_text(text)

    def asked(self, command: str) -> list[str]:
        """The calls of a command so far."""
        return [line for line in self._lines("asked") if line.split(" ")[0] == command]

    def signals(self) -> list[str]:
        """What an apply was sent so far."""
        return self._lines("signals")

    def plan_files(self) -> list[tuple[Path, str]]:
        """Each file a plan was to be written to, and the mode it had then."""
        pairs = (line.rsplit(" ", 1) for line in self._lines("plan-files"))
        return [(Path(path), mode) for path, mode in pairs]

    def provider_lives(self) -> bool:
        """Whether the process that an apply started runs."""
        try:
            os.kill(int((self.folder / "providers").read_text()), 0)
        except ProcessLookupError:
            return False
        return True

    def _lines(self, name: str) -> list[str]:
        file = self.folder / name
        return file.read_text().splitlines() if file.exists() else []
