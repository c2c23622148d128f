"""`make mutants`: change the code in small ways, and see which change no test notices.

The changes are mutmut's own operators, and three that it lacks: an entry left out of a table, an
allowed word left out of a type, a condition turned round. They are sampled over all packages: the
same seed gives the same sequence, and the time decides how far down it goes. Each change is made in
a copy of the repository and judged by the fast tests of its package, then by the slow ones, and
where it needs one by those with a database. What lives on is printed; what may is listed with
its reason in mutants.toml.

Runs in the environment .tools/mutants; the tests run in the project's own.
"""

import argparse
import difflib
import glob
import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_string
from set_up import ROOT, VENV_PYTHON, fail

LISTED = os.path.join(ROOT, "scripts", "mutants.toml")
COPIES = os.path.join(tempfile.gettempdir(), "dms-stream-mutants")
FAST = "not slow and not plan and not deploy and not rehearsal"
WORKERS = 2
LEAST_KILLED = 0.9
# an endless loop is noticed as well; on a busy machine it may be a slow test, so it is told apart
TIMEOUT_SECONDS = 300
ROOMS = os.path.join(ROOT, "dms_stream")
PACKAGES = (
    *("constructs_lib", "stacks"),
    *(
        f"dms_stream/{room}"
        for room in sorted(os.listdir(ROOMS))
        if os.path.exists(os.path.join(ROOMS, room, "__init__.py"))
    ),
)
# commands that ask and act on what is deployed: the operations' tests give them, too
OPERATING = (
    *("afterwards", "confirmation", "embedded", "json_output", "observing", "operable"),
    *("preparing", "querying", "running", "settings_edit", "status_screen"),
)
# what tests files whose paths begin so, beside the tests of their package's own name
ALSO = {
    **{f"dms_stream/cli/{name}": ["tests/dms_stream/operations"] for name in OPERATING},
    "dms_stream/cli/preflight": ["tests/dms_stream/preflight/test_preflight.py"],
    "dms_stream/cli/review": ["tests/dms_stream/review/test_command.py"],
    "dms_stream/cli/settings_docs": ["tests/dms_stream/settings/test_environment.py"],
    "dms_stream/cli": ["tests/dms_stream/test_extras.py", "tests/docs/test_docs.py"],
    "constructs_lib": [
        *("tests/dms_stream/settings/test_bounds.py", "tests/stacks"),
        "tests/dms_stream/settings/test_contradictions.py",
    ],
    "dms_stream/local_aws": ["tests/dms_stream/data_plane"],
    "dms_stream/rehearsal/delivery": ["tests/dms_stream/data_plane/test_deliveries.py"],
    "dms_stream/rehearsal/task": ["tests/dms_stream/data_plane/test_tasks.py"],
    "dms_stream/settings": ["tests/stacks"],
}
WITH_A_DATABASE = ["test_kinds_of_sources.py", "test_rehearsal.py", "test_faults.py"]
# they judge what the fast ones let live
SLOW = "slow and not plan and not deploy and not rehearsal"
DATABASE = "rehearsal"
NEEDING_A_DATABASE = ("dms_stream/data_plane", "dms_stream/local_aws", "dms_stream/rehearsal")


# The changes

# what annotations use: `Row = Sequence[Value]`, `Target = Partition | ErrorType`
ALIAS = m.Assign(
    targets=[m.AssignTarget(m.Name(m.MatchRegex(r"_?[A-Z][a-z]\w*")))],
    value=m.Subscript() | m.BinaryOperation(operator=m.BitOr()),
)


def leave_out_an_entry(node):
    """A table, each time without one of its entries."""
    # an empty set or tuple is written otherwise
    least = 1 if isinstance(node, (cst.Dict, cst.List)) else 2
    for place in range(len(node.elements) if len(node.elements) >= least else 0):
        rest = [*node.elements[:place], *node.elements[place + 1 :]]
        yield node.with_changes(elements=rest)


def leave_out_a_word(node):
    """A Literal, each time without one of its words."""
    if m.matches(node.value, m.Name("Literal")) and len(node.slice) > 1:
        for place in range(len(node.slice)):
            rest = [*node.slice[:place], *node.slice[place + 1 :]]
            rest[-1] = rest[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            yield node.with_changes(slice=rest)


def turn_round(node):
    """A condition's opposite."""
    inner = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), inner))


# texts are left alone: each would change in three ways, and a message is tested whole
OPERATORS = [
    *((kind, operator) for kind, operator in mutation_operators if operator is not operator_string),
    *((kind, leave_out_an_entry) for kind in (cst.Dict, cst.List, cst.Set, cst.Tuple)),
    (cst.Subscript, leave_out_a_word),
    (cst.If, turn_round),
    (cst.While, turn_round),
]


def changes(source):
    """All changes of a file, by the line that they begin in: (node, what stands for it)."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    places = wrapper.resolve(PositionProvider)
    found = {}

    def walk(node, in_annotation=False):
        if isinstance(node, (cst.Import, cst.ImportFrom, cst.Decorator)):
            return
        # mypy notices what becomes of them
        if m.matches(node, m.Call(func=m.Name("assert_never")) | ALIAS):
            return
        if isinstance(node, cst.Annotation):
            in_annotation = True
        # an annotation is a hint, but for what a model is bound by
        elif in_annotation and m.matches(node, m.Subscript(value=m.Name("Annotated"))):
            for element in node.slice[1:]:
                walk(element)
            return
        of_types = m.matches(node, m.Subscript(value=m.Name("Literal")))
        if not in_annotation or of_types:
            for kind, operator in OPERATORS:
                if isinstance(node, kind):
                    for changed in operator(node):
                        line = places[node].start.line
                        found.setdefault(line, []).append((node, changed))
        for child in node.children:
            walk(child, in_annotation)

    walk(wrapper.module)
    return wrapper.module, found


class Mutant:
    """A changed file.

    Attributes:
        package: The package it belongs to.
        path: The file.
        source: All of it, as it is.
        code: All of it, changed.
        removed: The lines that are gone, without their indentation.
        added: The lines that stand for them.
    """

    def __init__(self, package, path, before, after):
        self.package, self.path, self.source, self.code = package, path, before, after
        lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0))[2:]
        self.removed = "\n".join(line[1:].strip() for line in lines if line.startswith("-"))
        self.added = "\n".join(line[1:].strip() for line in lines if line.startswith("+"))
        self.line = int(lines[0].split()[1].split(",")[0].lstrip("-"))

    def __str__(self):
        removed = self.removed.replace("\n", "\n    - ")
        added = self.added.replace("\n", "\n    + ")
        return f"{self.path}:{self.line}\n    - {removed}\n    + {added}"


def tracked():
    """The repository's files."""
    listed = subprocess.check_output(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    paths = [path for path in listed.splitlines() if os.path.isfile(os.path.join(ROOT, path))]
    return [path for path in paths if not path.startswith((".tools", ".venv", "node_modules"))]


def read(folder, path):
    """A file's text."""
    with open(os.path.join(folder, path), encoding="utf-8") as file:
        return file.read()


def write(folder, path, text, stamp):
    """Change a file; Python compares times of whole seconds."""
    file = os.path.join(folder, path)
    with open(file, "w", encoding="utf-8") as changed:
        changed.write(text)
    os.utime(file, (stamp, stamp))


def sampled(folder, paths, seed, only):
    """Mutants without end, from the larger packages more, the same ones for the same seed."""
    chance = random.Random(seed)
    files, sources = {package: [] for package in PACKAGES}, {}
    for path in paths:
        for package in PACKAGES:
            is_its = path.startswith((f"{package}/", f"{package}.")) and path.endswith(".py")
            # what a new project gets as it is are tests
            if is_its and "/files/" not in path:
                # all at once, before anything is changed
                sources[path] = read(folder, path)
                files[package].append((path, sources[path].count("\n")))
    weights = {package: sum(lines for _, lines in of) ** 0.5 for package, of in files.items()}
    parsed, seen = {}, set()
    while True:
        (package,) = chance.choices(list(weights), list(weights.values()))
        names, lines = zip(*files[package], strict=True)
        (path,) = chance.choices(names, lines)
        if path not in parsed:
            source = sources[path]
            parsed[path] = (source, *changes(source))
        source, module, found = parsed[path]
        if not found:
            continue
        node, changed = chance.choice(found[chance.choice(sorted(found))])
        code = module.deep_replace(node, changed).code
        if code == source or (path, code) in seen or not path.startswith(only):
            continue
        seen.add((path, code))
        try:
            compile(code, path, "exec")
        except (SyntaxError, ValueError):
            continue
        yield Mutant(package, path, source, code)


# The tests


def copy_repository(number, paths):
    """A copy to change, beside which the packages are the project's own."""
    folder = os.path.join(COPIES, str(number))
    shutil.rmtree(folder, ignore_errors=True)
    for path in paths:
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(os.path.join(ROOT, path), target)
    # some tests ask git which files there are
    subprocess.check_call(["git", "init", "-q"], cwd=folder)
    exclude = "/.venv\n/.tools\n/node_modules\n"
    write(folder, os.path.join(".git", "info", "exclude"), exclude, time.time())
    for name in (".venv", ".tools", "node_modules"):
        os.symlink(os.path.realpath(os.path.join(ROOT, name)), os.path.join(folder, name))
    return folder


def tests_of(mutant):
    """Which tests to run, the likeliest first."""
    folder, name = os.path.split(mutant.path[: -len(".py")])
    # its own may stand in another folder, beside those of what uses it
    named = glob.glob(f"tests/{mutant.package}/**/test_{name}.py", root_dir=ROOT, recursive=True)
    paths = [*sorted(named), f"tests/{folder}/test_{os.path.basename(folder)}.py"]
    while folder:
        paths.append(f"tests/{folder}")
        if folder == mutant.package:
            break
        folder = os.path.dirname(folder)
    paths += [
        path for start, also in ALSO.items() if mutant.path.startswith(start) for path in also
    ]
    paths.append(f"tests/{mutant.package}")
    if folder.startswith("dms_stream"):
        paths.append("tests/dms_stream/test_rooms.py")
    if name == "__init__":
        paths.append("tests/constructs_lib/test_public_api.py")
    return [path for path in dict.fromkeys(paths) if os.path.exists(os.path.join(ROOT, path))]


def outcome_of(folder, marked, paths):
    """What the tests say in a copy: `lives` where they pass."""
    command = [VENV_PYTHON, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
    environment = dict(os.environ, PYTHONPATH=folder)
    process = subprocess.Popen(
        [*command, "-m", marked, *paths], cwd=folder, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        # 5: there are none
        return "lives" if process.wait(TIMEOUT_SECONDS) in (0, 5) else "killed"
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()
        return "timed out"


def rounds(mutant):
    """The rounds of tests that judge a mutant, one after another: (which marks, which files)."""
    paths = tests_of(mutant)
    yield FAST, paths
    yield SLOW, paths
    if mutant.package in NEEDING_A_DATABASE:
        if mutant.package == "dms_stream/rehearsal":
            paths = [path for path in paths if path != "tests/dms_stream/rehearsal"]
            paths += [f"tests/dms_stream/rehearsal/{name}" for name in WITH_A_DATABASE]
        yield DATABASE, paths


def judge(mutant, folder, stamp):
    """What becomes of a mutant, `killed`, `timed out`, or `lives`, and the round that said so."""
    write(folder, mutant.path, mutant.code, stamp)
    try:
        for marked, paths in rounds(mutant):
            outcome = outcome_of(folder, marked, paths)
            if outcome != "lives":
                break
        return outcome, marked, paths
    finally:
        write(folder, mutant.path, mutant.source, stamp + 1)


# The report


def reasons():
    """Why a mutant may live, by file, old and new lines."""
    with open(LISTED, "rb") as file:
        listed = tomllib.load(file).get("mutant", [])
    return {(each["file"], each["old"], each["new"]): each["reason"] for each in listed}


def say(text):
    """A line, at once."""
    sys.stdout.write("%s\n" % text)
    sys.stdout.flush()


def main():
    """Sample, test and report; 1 where a package's tests notice less than nine in ten."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=600, help="when to stop (600)")
    parser.add_argument("--seed", type=int, default=1, help="which sample (1)")
    parser.add_argument("--only", default="", help="only files whose path begins so")
    arguments = parser.parse_args()
    repository = tracked()
    if arguments.only and not any(path.startswith(arguments.only) for path in repository):
        fail("--only %s: no file's path begins so" % arguments.only)
    may_live = reasons()
    until = time.monotonic() + arguments.seconds
    # the repository may change meanwhile
    folders = [copy_repository(number, repository) for number in range(WORKERS)]
    mutants = sampled(folders[0], repository, arguments.seed, arguments.only)
    stamps = itertools.count(int(time.time()), 2)
    lock, judged = threading.Lock(), []
    sound, unsound = set(), []

    def work(folder):
        while time.monotonic() < until and not unsound:
            with lock:
                mutant, stamp = next(mutants), next(stamps)
            if (mutant.path, mutant.removed, mutant.added) in may_live:
                judged.append((mutant, "listed"))
                continue
            outcome, marked, paths = judge(mutant, folder, stamp)
            if outcome == "killed" and (mutant.package, marked) not in sound:
                # tests that fail anyway notice nothing
                sound.add((mutant.package, marked))
                if outcome_of(folder, marked, paths) == "killed":
                    unsound.append(mutant.package)
                    return
            judged.append((mutant, outcome))
            if outcome == "lives":
                say(mutant)

    with ThreadPoolExecutor(WORKERS) as threads:
        list(threads.map(work, folders))
    shutil.rmtree(COPIES, ignore_errors=True)
    if unsound:
        fail("the tests of %s fail without any change: mend them first" % unsound[0])
    missed = False
    say("\n%-24s %9s %9s %9s %9s" % ("package", "killed", "timed out", "listed", "live"))
    for package in PACKAGES:
        outcomes = [outcome for mutant, outcome in judged if mutant.package == package]
        late, live = outcomes.count("timed out"), outcomes.count("lives")
        killed = outcomes.count("killed") + late
        share = " %4.0f %%" % (100 * killed / (killed + live)) if killed + live else ""
        listed = outcomes.count("listed")
        say("%-24s %9d %9d %9d %9d%s" % (package, killed - late, late, listed, live, share))
        missed = missed or killed < LEAST_KILLED * (killed + live)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
