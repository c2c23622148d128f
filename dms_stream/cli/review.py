"""`dms-stream review`: plans, made here or given, and what they will do to the data."""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

from rich.console import Console

from dms_stream.cli import toolchain
from dms_stream.cli.console import open_console
from dms_stream.cli.errors import CommandError
from dms_stream.cli.json_output import print_document
from dms_stream.cli.outputs import require_file, write_file
from dms_stream.cli.plain_text import plain
from dms_stream.programs import run
from dms_stream.review import (
    Acknowledgement,
    Plan,
    PlanError,
    Protection,
    Review,
    Severity,
    load_acknowledgements,
    parse_plan,
    protected_addresses,
    review_plans,
)
from dms_stream.review.reports import json_report, markdown_report, print_report, sarif_report

if TYPE_CHECKING:
    from dms_stream.cli.workspace import Workspace

FORMATS = ("terminal", "markdown", "json", "sarif")
ACKNOWLEDGEMENTS_FILE = "review.yaml"
_STANDARD_INPUT = "-"
# a plan file is a zip archive
# more than the largest plan a state of 10,000 resources has
_MOST_BYTES = 256 * 2**20
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class Output:
    """One report that is wanted.

    Attributes:
        format: One of `FORMATS`.
        file: Where to; None: standard output.
    """

    format: str
    file: Path | None

    @classmethod
    def parse(cls, text: str) -> "Output":
        """`FORMAT` or `FORMAT=FILE`.

        Raises:
            CommandError: there is no such format.
        """
        name, equals, file = text.partition("=")
        if name not in FORMATS or (equals and not file):
            raise CommandError(
                f"--format {text}: allowed are {', '.join(FORMATS)}, each with =FILE behind it to "
                "write it to a file"
            )
        return cls(name, Path(file) if file else None)


def inputs(plans: Sequence[str], accepted: Path | None) -> list[Path]:
    """The files that a review reads: the plans, and what is accepted."""
    named = [Path(path) for path in plans if path != _STANDARD_INPUT]
    return [*named, accepted or Path(ACKNOWLEDGEMENTS_FILE)]


def require_outputs(outputs: Sequence[Output], *, inputs: Sequence[Path] = ()) -> None:
    """Refuse reports that would overwrite each other or what is read, or that cannot be written.

    Args:
        outputs: The reports.
        inputs: The files that are read.

    Raises:
        CommandError: two go to one place, one to a file that is read, or one has no place to go to.
    """
    read = [file.resolve() for file in inputs]
    places = [output.file.resolve() if output.file else None for output in outputs]
    for output, place in zip(outputs, places, strict=True):
        if places.count(place) > 1:
            where = output.file or "standard output"
            raise CommandError(f"--format: two reports go to {where}: give each its own =FILE")
        if output.file is not None:
            if place in read:
                raise CommandError(
                    f"--format {output.format}={output.file}: the review reads this file, and the "
                    "report would overwrite it: give the report another name"
                )
            if output.file.suffix == ".json" and output.format not in ("json", "sarif"):
                raise CommandError(
                    f"--format {output.format}={output.file}: {output.format} is no JSON, and a "
                    "plan may be in that file: give the report another ending"
                )
            require_file(output.file)


def parse_severity(word: str) -> Severity:
    """The severity of `--fail-on`.

    Raises:
        CommandError: there is no such word.
    """
    try:
        return Severity.from_word(word)
    except KeyError:
        allowed = ", ".join(severity.word for severity in sorted(Severity, reverse=True))
        raise CommandError(f"--fail-on {word}: allowed are {allowed}") from None


def acknowledgements(file: Path | None) -> tuple[Acknowledgement, ...]:
    """What is accepted: in the file that is named, else in `review.yaml` if there is one.

    Raises:
        DmsStreamError: it is not valid, or the named one is not there.
    """
    if file is None:
        file = Path(ACKNOWLEDGEMENTS_FILE)
        if not file.exists():
            return ()
    return load_acknowledgements(file)


def read_plans(paths: Sequence[str], *, folder: Path | None = None) -> list[Plan]:
    """Plans from files or standard input, as JSON or as Terraform's own plan files.

    Args:
        paths: Paths; `-` is standard input.
        folder: Where Terraform made its own plan files, for `terraform show`; default: where they
            are.

    Raises:
        DmsStreamError: one of them cannot be read.
    """
    if folder is not None and not folder.is_dir():
        raise CommandError(f"--chdir {folder}: is no folder: name the one in which PLAN was made")
    if len(set(paths)) != len(paths):
        raise CommandError("the same plan is given twice: give each once")
    return [_read_plan(path, folder) for path in paths]


def _read_plan(path: str, folder: Path | None) -> Plan:
    if path == _STANDARD_INPUT:
        content = _limited(sys.stdin.buffer, "standard input")
        if content.startswith(_ZIP):
            raise PlanError(
                "standard input",
                "is Terraform's own plan file, which only Terraform reads: give its path, or pipe "
                "`terraform show -json FILE`",
            )
        return parse_plan(content, "standard input")
    file, name = Path(path), plain(path)
    try:
        with file.open("rb") as opened:
            content = _limited(opened, name)
        if not content.startswith(_ZIP):
            return parse_plan(content, name)
    except OSError as error:
        raise PlanError(name, f"cannot be read: {error.strerror}") from None
    return _show(name, file.resolve(), folder or file.resolve().parent)


def _limited(file: BinaryIO, name: str) -> bytes:
    content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise PlanError(name, f"has more than {_MOST_BYTES // 2**20} MiB: no plan is that large")
    return content


def _show(name: str, plan_file: Path, folder: Path) -> Plan:
    variables = toolchain.terraform_variables(os.environ)
    command = [toolchain.any_terraform(), "show", "-json", "-no-color", str(plan_file)]
    done = run(command, process_environment=variables, folder=folder, name="Terraform")
    if done.code != 0:
        said = done.errors.strip()
        raise PlanError(
            name,
            f"`terraform show -json` cannot read it in {folder}: it needs the folder in which the "
            "plan was made, initialized, and the same version of Terraform. Name the folder with "
            "--chdir, or run `terraform show -json` there yourself and give its output. Terraform "
            f"said:\n{said}",
        )
    return parse_plan(done.output, name)


def plan_environment(
    workspace: "Workspace", stacks: Sequence[str], *, deployed: Path | None, console: Console
) -> list[Plan]:
    """Synthesize an environment and plan its stacks side by side.

    Args:
        workspace: The environment.
        stacks: Which stacks.
        deployed: Output folder of a synthesis of what is deployed, for `prevent_destroy`.
        console: Where to say what is going on.

    Raises:
        DmsStreamError: a stack cannot be planned.
    """
    from dms_stream.cli.terraform_runner import synthesize  # a given plan needs no settings

    synthesize(workspace)
    with console.status(f"planning {', '.join(stacks)}"), ThreadPoolExecutor() as threads:
        return list(threads.map(lambda stack: _plan(workspace, stack, deployed, console), stacks))


def _plan(workspace: "Workspace", stack: str, deployed: Path | None, console: Console) -> Plan:
    from dms_stream.cli.terraform_runner import init

    init(workspace, stack)
    folder = workspace.stack_folder(stack)
    # a plan file holds every value there is: for nobody else's eyes, and not for long
    with TemporaryDirectory(prefix="dms-stream-plan-") as private:
        file = Path(private) / "plan"
        done = run(
            [
                toolchain.terraform(),
                "plan",
                "-input=false",
                "-no-color",
                "-lock=false",
                f"-out={file}",
            ],
            process_environment=workspace.process_environment,
            folder=folder,
            name="Terraform",
        )
        if not file.exists():
            raise CommandError(f"{stack} cannot be planned:\n{done.errors.strip()}")
        shown = toolchain.output_of(
            [toolchain.terraform(), "show", "-json", "-no-color", str(file)],
            process_environment=workspace.process_environment,
            folder=folder,
        )
    plan = parse_plan(shown, stack)
    if done.code != 0:
        # Terraform writes down what it knew by then, such as the deletion that is refused
        console.print(done.errors.strip(), markup=False, highlight=False, soft_wrap=True)
        plan = replace(plan, errored=True)
    configuration = folder / "cdk.tf.json"
    before = None
    if deployed is not None and (file := _configuration(deployed, stack)).exists():
        before = protected_addresses(file)
    return replace(plan, protection=Protection(before, protected_addresses(configuration)))


def _configuration(output: Path, stack: str) -> Path:
    """Where a stack's configuration is, in CDKTF's output folder or in the stack's own."""
    whole = output / "stacks" / stack / "cdk.tf.json"
    return whole if whole.exists() else output / stack / "cdk.tf.json"


def shown_path(file: Path) -> str:
    """A file as a repository calls it, where it is below the working directory."""
    here = Path.cwd()
    absolute = file.resolve()
    return plain(str(absolute.relative_to(here) if absolute.is_relative_to(here) else file))


def review_and_report(
    plans: Sequence[Plan],
    *,
    accepted: Sequence[Acknowledgement],
    fail_on: Severity,
    outputs: Sequence[Output],
    settings_file: str | None = None,
) -> bool:
    """Review plans and write the reports.

    Args:
        plans: The plans.
        accepted: What the team has accepted.
        fail_on: The least severity that fails the review.
        outputs: The reports.
        settings_file: The file that code scanning shows the findings at.

    Returns:
        Whether the review failed.
    """
    review = review_plans(plans, acknowledgements=accepted)
    files = {plan.name: settings_file or plan.name for plan in plans}
    for output in outputs:
        try:
            if output.file is not None:
                write_file(output.file, _report(review, output.format, fail_on, files))
            elif output.format == "terminal":
                print_report(review, open_console(), fail_on=fail_on)
            else:
                print_document(_report(review, output.format, fail_on, files))
        except OSError as error:
            where = output.file or "standard output"
            raise CommandError(f"{where}: cannot be written: {error.strerror}") from None
    return bool(review.at_least(fail_on))


def _report(review: Review, format_: str, fail_on: Severity, files: dict[str, str]) -> str:
    match format_:
        case "markdown":
            return markdown_report(review, fail_on=fail_on)
        case "json":
            return json_report(review, fail_on=fail_on)
        case "sarif":
            return sarif_report(review, files=files)
        case _:
            stream = StringIO()
            print_report(review, open_console(file=stream), fail_on=fail_on)
            return stream.getvalue()
