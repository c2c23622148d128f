"""An environment that imports whatever it can, rehearsed."""

import json
from pathlib import Path

import pytest

from tests.support.command import DmsStream
from tests.support.imported_environment import SHARED, imported_environment
from tests.support.variants import ACCOUNT


@pytest.mark.deploy
def test_settings_that_import_everything_are_rehearsed(tmp_path: Path) -> None:
    """Stand-ins are made under the names that the settings give, in the account that they name."""
    settings = tmp_path / "imported.yaml"
    document = imported_environment(shared=SHARED)
    settings.write_text(json.dumps(document).replace(ACCOUNT, "321098765432"))
    dms_stream = DmsStream(tmp_path / "aws")

    rows = dms_stream.succeed(
        "rehearse", "--env", str(settings), "--purchases", "200", "--changes", "50"
    )

    assert "  VPC                   vpc-0a1b2c3d4e5f60718\n" in rows
    stream = "arn:aws:kinesis:eu-west-1:321098765432:stream/shared"
    assert f"  Kinesis stream        {stream}\n" in rows
    assert "sample: ticket_purchase_hist stands in for shop.orders" in rows
    assert "PASS What landed, replayed, equals the source: 1 table" in rows
    assert "the embedded AWS is stopped; nothing is left running" in rows
