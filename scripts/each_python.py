"""Run the fast tests on every Python that pyproject.toml declares and this machine has.

`make pythons` calls it. Each Python gets a virtual environment of its own with what Pipfile.lock
names. What is not there is said, and is no failure.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from set_up import ROOT, TOOLS, fail, pipenv, say

CLASSIFIER = "Programming Language :: Python :: "
FAST = "not slow and not plan and not deploy and not rehearsal"


def declared():
    """The versions, such as 3.11."""
    project = tomllib.loads(Path(ROOT, "pyproject.toml").read_text())["project"]
    versions = [text.removeprefix(CLASSIFIER) for text in project["classifiers"]]
    return [version for version in versions if version.replace(".", "").isdigit()]


def find(version):
    """A program of this version, on PATH or among pyenv's; None: there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    on_path = shutil.which("python" + version)
    installed = sorted(pyenv.glob(version + ".*/bin/python" + version))
    for program in [*filter(None, [on_path]), *map(str, installed)]:
        # a shim of pyenv's may stand for nothing
        if subprocess.run([program, "-c", ""], capture_output=True).returncode == 0:
            return program
    return None


def test(version, program, folder):
    """Whether the fast tests pass."""
    home = Path(folder, "python" + version)
    requirements = Path(folder, "requirements.txt")
    requirements.write_text(pipenv("requirements", "--dev", "--hash"))
    say("Python %s: installing into %s" % (version, home))
    python = home / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = [
        [program, "-m", "venv", home],
        # Python compiles what it uses: the bindings are 2,135 modules
        [*pip, "--no-compile", "--require-hashes", "-r", requirements],
        [python, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-m", FAST],
    ]
    return all(subprocess.run(step, cwd=ROOT).returncode == 0 for step in steps)


def main():
    """Test on each; exit code 1 when one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default=TOOLS, help="for the virtual environments")
    parser.add_argument("versions", nargs="*", help="such as 3.12; default: all that are declared")
    arguments = parser.parse_args()
    outcomes = {}
    for version in arguments.versions or declared():
        program = find(version)
        if program is None:
            outcomes[version] = "not installed"
        else:
            passed = test(version, program, arguments.folder)
            outcomes[version] = "passed" if passed else "FAILED"
    for version, outcome in outcomes.items():
        say("Python %s: %s" % (version, outcome))
    if all(outcome == "not installed" for outcome in outcomes.values()):
        fail("none of the declared Pythons is on PATH: install one of %s." % ", ".join(outcomes))
    sys.exit(1 if "FAILED" in outcomes.values() else 0)


if __name__ == "__main__":
    main()
