"""The checkout that is tested."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""Its folder."""
ENVIRONMENTS = ROOT / "environments"
"""The settings files of the project itself."""
