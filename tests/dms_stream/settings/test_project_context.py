"""The context of cdktf.json, which main.py gives to the app however it was started."""

from pathlib import Path

import pytest

from dms_stream.settings.choice import chosen_environment
from dms_stream.settings.project import Project, ProjectError
from tests.support.checkout import ROOT


def test_it_says_which_terraform_is_meant() -> None:
    """Without it cdktn refuses write-only attributes, which need Terraform and OpenTofu 1.11."""
    targets = {"terraform": ">=1.11.0", "opentofu": ">=1.11.0"}
    assert Project(ROOT).context["targetVersions"] == targets


def test_a_file_without_context_has_an_empty_one(tmp_path: Path) -> None:
    tmp_path.joinpath("cdktf.json").write_text('{"app": "python main.py"}')
    assert Project(tmp_path).context == {}


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    tmp_path.joinpath("cdktf.json").write_text("app: python main.py")
    with pytest.raises(ProjectError, match=r"cdktf\.json: is not valid JSON"):
        _ = Project(tmp_path).context


@pytest.mark.parametrize("context", ["{", "[]", '{"environment": null}', '{"environment": 5}'])
def test_a_context_of_use_to_nobody_is_refused(
    monkeypatch: pytest.MonkeyPatch, context: str
) -> None:
    monkeypatch.delenv("ENV", raising=False)
    monkeypatch.setenv("CDKTF_CONTEXT_JSON", context)
    with pytest.raises(ProjectError, match=r"CDKTF_CONTEXT_JSON, .* must be a JSON object"):
        chosen_environment()
