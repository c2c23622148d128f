"""What AWS offers no more is refused, and the tables agree with the newest data there is."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session

from constructs_lib.aurora_source import AuroraSourceProps, InstanceCapacity
from constructs_lib.aurora_source.offered import (
    DEFAULT_VERSION,
    RETIRED_CLASSES,
    SERVERLESS_CAPACITY,
    offered_class,
    offered_version,
)
from constructs_lib.dms.engine_versions import DEFAULT, RETIRED, RETIRED_CLASS_FAMILIES
from constructs_lib.dms.limits import CAPACITY_UNITS
from constructs_lib.dms_replication import InstanceCompute
from constructs_lib.errors import InvalidPropsError
from tests.support.checkout import ROOT

CFN_LINT = ROOT / ".tools" / "cfn-lint"


@pytest.mark.parametrize("version", sorted(dict(RETIRED.value)))
def test_a_retired_dms_version_is_refused_with_what_to_take(version: str) -> None:
    with pytest.raises(InvalidPropsError, match=f"engine_version.*Use {DEFAULT}"):
        InstanceCompute(engine_version=version)


@pytest.mark.parametrize("version", ["3.5.4", "3.6.1", "3.7.0", "4.0.0"])
def test_one_that_stands_or_is_to_come_is_taken(version: str) -> None:
    assert InstanceCompute(engine_version=version).engine_version == version


@pytest.mark.parametrize("family", RETIRED_CLASS_FAMILIES.value)
def test_a_retired_class_of_dms_is_refused_with_its_successor(family: str) -> None:
    with pytest.raises(InvalidPropsError, match=r"instance_class.*offers no more.*Use one of dms"):
        InstanceCompute(instance_class=f"dms.{family}.large")


@pytest.mark.parametrize(
    "version", ["5.7.mysql_aurora.2.12.4", "8.0.mysql_aurora.3.05.2", "8.0.mysql_aurora.3.11.0"]
)
def test_a_retired_version_of_aurora_is_refused_with_what_to_take(version: str) -> None:
    with pytest.raises(InvalidPropsError, match=rf"engine_version.*Use {DEFAULT_VERSION}"):
        AuroraSourceProps(engine_version=version)


@pytest.mark.parametrize("family", RETIRED_CLASSES.value)
def test_a_class_that_aurora_3_does_not_run_on_is_refused(family: str) -> None:
    with pytest.raises(InvalidPropsError, match=r"instance_class.*does not run on"):
        InstanceCapacity(kind="provisioned", instance_class=f"db.{family}.large")


@cache
def schemas() -> Path:
    if not CFN_LINT.exists():
        pytest.fail("cfn-lint is not installed: run `python3 scripts/set_up.py cfn-lint`")
    found = subprocess.run(
        [CFN_LINT / "bin" / "python", "-c", "import cfnlint; print(cfnlint.__file__)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(found.stdout.strip()).parent / "data" / "schemas" / "extensions"


def schema(name: str) -> Any:
    return json.loads((schemas() / name).read_text(encoding="utf-8"))


def aurora_versions(document: Any) -> set[str]:
    """All versions of Aurora MySQL 3 that a schema names, whatever its shape."""
    if isinstance(document, str):
        return {document} if ".mysql_aurora.3." in document else set()
    if isinstance(document, dict):
        document = list(document.values())
    return set().union(*map(aurora_versions, document)) if isinstance(document, list) else set()


def is_taken(check: Any, value: str) -> bool:
    try:
        check(value)
    except ValueError:
        return False
    return True


@pytest.mark.slow
def test_the_versions_of_aurora_are_those_of_the_newest_data() -> None:
    known = aurora_versions(schema("aws_rds_dbcluster/engine_version.json"))
    ended = aurora_versions(schema("aws_rds_dbcluster/engine_version_deprecated.json"))
    # a patch of three numbers more is no version that the settings can name
    known = {version for version in known if version.count(".") == 5}
    assert len(known) > 20
    wrong = {
        version: "has ended" if version in ended else "stands"
        for version in known
        if is_taken(offered_version, version) == (version in ended)
    }
    assert wrong == {}, "correct constructs_lib/aurora_source/offered.py"
    assert str(DEFAULT_VERSION) in known - ended


def documentation(service: str, structure: str, member: str) -> str:
    """What the model that boto3 ships says of a value, in words: patterns it has none."""
    shape: Any = get_session().get_service_model(service).shape_for(structure)
    return re.sub(r"<[^>]+>", "", shape.members[member].documentation)


@pytest.mark.parametrize("member", ["MaxCapacityUnits", "MinCapacityUnits"])
def test_the_capacities_of_dms_serverless_are_those_of_the_newest_model(member: str) -> None:
    text = documentation("dms", "ComputeConfig", member)
    listed = re.search(r"valid DCU values includes ([\d, and]+)\.", text)
    assert listed is not None, text
    units = tuple(int(number) for number in re.findall(r"\d+", listed[1]))
    assert units == CAPACITY_UNITS.value, "correct constructs_lib/dms/vocabulary.py"


def test_the_capacities_of_aurora_serverless_are_those_of_the_newest_model() -> None:
    most = documentation("rds", "ServerlessV2ScalingConfiguration", "MaxCapacity")
    found = re.search(r"is (\d+) for recent Aurora versions, or (\d+) for older", most)
    assert found is not None, most
    least = documentation("rds", "ServerlessV2ScalingConfiguration", "MinCapacity")
    smallest = re.findall(r"smallest value that you can use is ([\d.]+\d|\d)", least)
    older, *_, newest = SERVERLESS_CAPACITY.value
    correct = "correct SERVERLESS_CAPACITY in constructs_lib/aurora_source/offered.py"
    assert (newest.most, older.most) == (float(found[1]), float(found[2])), correct
    assert (newest.least, older.least) == tuple(map(float, smallest)), correct


@pytest.mark.slow
def test_the_classes_of_aurora_are_those_of_the_newest_data() -> None:
    offered = {
        name
        for condition in schema("aws_rds_dbinstance/db_instance_class.json")["allOf"]
        if condition["if"]["properties"].get("Engine", {}).get("const") == "aurora-mysql"
        and "8\\.0" in condition["if"]["properties"].get("EngineVersion", {}).get("pattern", "")
        for name in condition["then"]["properties"]["DBInstanceClass"]["enum"]
    }
    assert "db.r7g.large" in offered
    refused = {name for name in offered if not is_taken(offered_class, name)}
    assert refused == set(), "correct constructs_lib/aurora_source/offered.py"
