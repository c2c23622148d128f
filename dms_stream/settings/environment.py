"""An environment's settings: one YAML file, made of the constructs' own props."""

import difflib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.dms_account_roles import DmsAccountRolesProps
from constructs_lib.errors import Fault, SettingsError, faults_of
from constructs_lib.faults import refuse
from constructs_lib.props import Form, Props, different
from constructs_lib.role_settings import RoleSettings
from constructs_lib.state_backend import StateBackendProps
from constructs_lib.yaml_document import parse_yaml, read_yaml
from dms_stream.settings.placement import placement_faults, region_faults
from dms_stream.settings.project import current_project, find_project
from dms_stream.settings.shared_accounts import shared_account_faults
from dms_stream.settings.shared_folders import shared_folder_faults
from dms_stream.settings.shared_names import shared_name_faults
from dms_stream.settings.shared_networks import shared_network_faults
from dms_stream.settings.tags import tag_faults

BOOTSTRAP = "bootstrap"


# the account's own stack, and what every stack holds beside its pipeline
_TAKEN_NAMES = (BOOTSTRAP, "aws", "backend", "current")


def _refuse_taken_names(name: str) -> str:
    if name in _TAKEN_NAMES:
        raise ValueError(f"is taken: choose another name than {', '.join(_TAKEN_NAMES)}")
    return name


PipelineName = Annotated[
    str,
    Form(
        r"^(?=.{2,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        "2 to 20 lower-case letters, digits and single `-`, beginning with a letter and not ending "
        "with `-`, because names and addresses begin with it",
    ),
    AfterValidator(_refuse_taken_names),
]
"""2 to 20 lower-case letters, digits and single `-`. It begins every name and address of the
pipeline."""


class Environment(Props):
    """Settings of one environment: an account and a region, and the pipelines in it."""

    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    """AWS region, such as `eu-west-1`."""

    account_ids: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[0-9]{12}$")], ...], AfterValidator(different)
    ] = ()
    """Account numbers this environment may be deployed to; Terraform refuses any other. Default:
    whichever account the credentials belong to."""

    emulated: bool = False
    """Whether it is deployed to the embedded AWS on this machine and never to a real account.
    Default: a real account."""

    production: bool = False
    """Whether people depend on it: a command that stops, reloads or destroys something then wants
    the environment's name typed, or given as `--confirm NAME`; `--yes` is not enough. Default: a
    plain yes will do."""

    tags: dict[str, str] = {}
    """Tags for everything that can be tagged, beside `environment`, `pipeline` and `managed-by`: 47
    at most, keys of 1 to 128 and values of up to 256 letters, digits, spaces and `_.:/=+-`. Keys
    that differ in case only are one key. Default: none. Source:
    https://docs.aws.amazon.com/dms/latest/APIReference/API_Tag.html"""

    state: StateBackendProps
    """The bucket that keeps Terraform's state. The bootstrap stack makes it."""

    account_roles: DmsAccountRolesProps = DmsAccountRolesProps()
    """The roles DMS wants once in an account. Default: the bootstrap stack creates the
    two that DMS looks for."""

    roles: RoleSettings = RoleSettings()
    """What all roles of the environment have in common. Default: no path, no permissions boundary.
    """

    pipelines: dict[PipelineName, CdcPipelineProps]
    """The pipelines by name, each a stack with a state of its own."""

    @model_validator(mode="after")
    def _all_in_one_place(self, info: ValidationInfo) -> Self:
        name = info.context.get("environment") if info.context else None
        refuse(
            self,
            [
                *tag_faults(self.tags),
                *placement_faults(self, region=self.region, account_ids=self.account_ids),
                *region_faults(self, region=self.region),
                *shared_network_faults(self.pipelines),
                *shared_folder_faults(self.pipelines),
                *shared_name_faults(
                    self.pipelines,
                    state_bucket_name=self.state.bucket_name,
                    environment_name=name,
                ),
            ],
        )
        return self


def environment_names() -> list[str]:
    """Names of the project's environments: the YAML files of `environments/`.

    Raises:
        ProjectError: the working directory is in no project.
    """
    return sorted(path.stem for path in current_project().environments.glob("*.yaml"))


def environment_file(environment: str) -> Path:
    """The settings file an environment is named by.

    Args:
        environment: A name (`seed` is the project's `environments/seed.yaml`), or the path of a
            YAML file, seen from the working directory.

    Returns:
        Its path.

    Raises:
        SettingsError: there is no such file, or its name cannot begin a stack's.
        ProjectError: it is a name, and the working directory is in no project.
    """
    if environment.endswith((".yaml", ".yml")):
        path = Path(environment)
    else:
        path = current_project().environments / f"{environment}.yaml"
    if not path.is_file():
        allowed = "a YAML file's path"
        if find_project() and (known := environment_names()):
            allowed = f"{', '.join(known)}, or {allowed}"
            close = difflib.get_close_matches(environment, known, n=1)
            allowed += f". Did you mean {close[0]}?" if close else ""
        raise SettingsError(
            environment or "(no environment)",
            [Fault("environment", f"no such environment; allowed: {allowed}")],
        )
    try:
        _NamedFile(name=path.stem)
    except ValueError:
        raise SettingsError(
            str(path),
            [
                Fault(
                    "file name",
                    "an environment is named by its file: 2 to 20 lower-case letters and digits, "
                    "a letter first; rename the file",
                    path.stem,
                )
            ],
        ) from None
    _refuse_namesake(path)
    return path


def _refuse_namesake(path: Path) -> None:
    # output and state are named by the stem alone
    project = find_project()
    folders = {path.parent.resolve()} | ({project.environments.resolve()} if project else set())
    others = [
        folder / f"{path.stem}{ending}"
        for folder in sorted(folders)
        for ending in (".yaml", ".yml")
        if (folder / f"{path.stem}{ending}").is_file()
    ]
    others = [other for other in others if not other.samefile(path)]
    if others:
        raise SettingsError(
            str(path),
            [
                Fault(
                    "file name",
                    f"names the environment {path.stem}, and so does {others[0]}: one would "
                    "overwrite the output and the state of the other, so rename one of the files",
                    path.name,
                )
            ],
        )


class _NamedFile(Props):
    # without `-`: prod-eu + orders and prod + eu-orders would be one stack with one set of names
    name: Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9]{1,19}$")]


def load_environment(path: Path, *, version: Path | None = None) -> Environment:
    """Read and validate a settings file.

    In the project's folder it is compared with its neighbours: what two environments would both
    make is a mistake. A neighbour that is not valid is told when it is used itself.

    Args:
        path: The file, whose name is the environment's.
        version: Another version of it, which is read in its place and may have any name. Default:
            none.

    Raises:
        SettingsError: it cannot be read, is no YAML, or holds mistakes; all are listed.
    """
    file = version or path
    environment = _environment_of(read_yaml(file, SettingsError), file, name=path.stem)
    if faults := shared_account_faults(path.stem, environment, dict(_neighbours(path))):
        raise SettingsError(str(file), faults)
    return environment


def environment_of_text(text: str, path: Path) -> Environment:
    """Validate the text that a settings file is to hold.

    Args:
        text: The text.
        path: The file, whose folder it names other files in.

    Raises:
        SettingsError: it is no YAML, or holds mistakes; all are listed.
    """
    environment = _environment_of(parse_yaml(text, str(path), SettingsError), path)
    _require_fitting_accounts(environment, path)
    return environment


def _require_fitting_accounts(environment: Environment, path: Path) -> None:
    if faults := shared_account_faults(path.stem, environment, dict(_neighbours(path))):
        raise SettingsError(str(path), faults)


def _neighbours(path: Path) -> Iterator[tuple[str, Environment]]:
    project = find_project()
    if project is None or path.parent.resolve() != project.environments.resolve():
        return
    for other in sorted(project.environments.glob("*.yaml")):
        if not other.samefile(path):
            with suppress(SettingsError):
                yield other.stem, _read(other)


def _read(path: Path) -> Environment:
    return _environment_of(read_yaml(path, SettingsError), path)


def _environment_of(document: object, path: Path, *, name: str | None = None) -> Environment:
    if not isinstance(document, dict):
        raise SettingsError(
            str(path),
            [Fault("(top level)", "must be a mapping of settings, such as `region: eu-west-1`")],
        )
    try:
        return Environment.model_validate(
            document, context={"folder": path.parent, "environment": name or path.stem}
        )
    except ValidationError as error:
        raise SettingsError(str(path), faults_of(error, document)) from None
