"""Settings of `--then` are refused before anything is deployed."""

from pathlib import Path

import pytest

from constructs_lib.errors import DmsStreamError
from dms_stream.cli.versions import read_versions
from dms_stream.cli.workspace import open_workspace

SETTINGS = """
region: eu-west-1
emulated: true
state: {bucket_name: example-state}
pipelines:
  tickets:
    source: {kind: new, tls_required: false, deletion_protection: false}
    replication:
      table_mappings: {tables: [dms_sample.ticket_purchase_hist]}
      source_endpoint: {tls: {kind: none}}
      deletion_protection: false
    stream: {deletion_protection: false}
    landing_bucket: {deletion_protection: false}
"""
MORE = SETTINGS.replace("ticket_purchase_hist]", "ticket_purchase_hist, dms_sample.tickets]")


def refused(folder: Path, first: str, *then: str) -> str:
    """What is said of versions of some settings."""
    (folder / "trial.yaml").write_text(first)
    files = []
    for number, text in enumerate(then, start=2):
        files.append(folder / f"Trial v{number}.yaml")
        files[-1].write_text(text)
    workspace = open_workspace(str(folder / "trial.yaml"), needs_aws=False)
    with pytest.raises(DmsStreamError) as caught:
        read_versions(workspace, files, workspace.pipeline_stacks())
    return str(caught.value).replace(f"{folder}/", "")


def test_versions_have_any_name_and_follow_one_another(tmp_path: Path) -> None:
    (tmp_path / "trial.yaml").write_text(SETTINGS)
    for name, text in (("next one", MORE), ("back", SETTINGS)):
        (tmp_path / f"{name}.yaml").write_text(text)
    workspace = open_workspace(str(tmp_path / "trial.yaml"), needs_aws=False)
    files = [tmp_path / "next one.yaml", tmp_path / "back.yaml"]
    versions = read_versions(workspace, files, workspace.pipeline_stacks())
    assert [(each.name, each.version) for each in versions] == [("trial", file) for file in files]
    assert versions[1].settings == workspace.settings
    assert versions[0].variables()["DMS_STREAM_VERSION"] == str(files[0])


def test_a_version_that_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trial.yaml").write_text(SETTINGS)
    workspace = open_workspace(str(tmp_path / "trial.yaml"), needs_aws=False)
    with pytest.raises(DmsStreamError, match="there is no such file"):
        read_versions(workspace, [tmp_path / "other.yaml"], ["trial-tickets"])


@pytest.mark.parametrize(
    ("first", "then", "problem"),
    [
        (SETTINGS, [SETTINGS], "Trial v2.yaml: says of tickets what trial.yaml says"),
        (SETTINGS, [MORE, MORE], "Trial v3.yaml: says of tickets what Trial v2.yaml says"),
        (SETTINGS, [MORE.replace("stream:", "steam:")], "Trial v2.yaml"),
        (
            SETTINGS,
            [MORE.replace("example-state", "other-state")],
            "Trial v2.yaml: state: not as in trial.yaml",
        ),
        (
            SETTINGS,
            [MORE.replace("  tickets:", "  orders:")],
            "Trial v2.yaml: pipelines.tickets: not there, and trial.yaml has it",
        ),
        (
            SETTINGS.replace("replication:", "replication:\n      migration_type: full-load"),
            [MORE],
            "trial.yaml: pipelines.tickets.replication.migration_type: full-load captures",
        ),
        (
            SETTINGS,
            [MORE.replace("replication:", "replication:\n      start_replication_task: false")],
            "Trial v2.yaml: pipelines.tickets.replication.start_replication_task: false",
        ),
    ],
    ids=["same", "same-again", "mistake", "state", "gone", "full-load", "not-started"],
)
def test_a_version_that_cannot_be_rehearsed_is_refused(
    tmp_path: Path, first: str, then: list[str], problem: str
) -> None:
    assert problem in refused(tmp_path, first, *then)
