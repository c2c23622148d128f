"""Pipelines of every kind: those of the environments, and variants that differ in one thing each.

What holds for a pipeline whatever its settings is tested over all of them.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from constructs_lib.bindings import cdktf
from constructs_lib.cdc_pipeline import CdcPipeline, CdcPipelineProps
from dms_stream.settings.environment import (
    environment_file,
    environment_names,
    load_environment,
)
from stacks.app import build_app
from tests.support.checkout import ROOT
from tests.support.synth import Json, synth, synth_stack

ACCOUNT = "123456789012"
REGION = "eu-west-1"
_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f0e0d0c-1111-2222-3333-4444555566"
_STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/shared"
CUSTOMER = {"kind": "customer"}
TLS = {
    "kind": "verify-full",
    "certificate": {"arn": f"arn:aws:dms:{REGION}:{ACCOUNT}:cert:ABCDEFGHIJKLMNOP"},
}
LOGGING = {"logging": {"enable_logging": True}}
NETWORK = {
    "kind": "existing",
    "vpc_id": "vpc-0a1b2c3d4e5f60718",
    "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
}
SOURCE = {
    "kind": "existing",
    "host": "tickets.example.com",
    "secret_arn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tickets-Ab12Cd",
    "key_arn": f"{_KEY}01",
    "security_group_id": "sg-0a1b2c3d4e5f60719",
    "tls_required": True,
}
SERVERLESS = {"compute": {"kind": "serverless", "max_capacity_units": 4}}


def settings(**changes: Any) -> dict[str, Any]:
    """A pipeline's settings: what has no default, and `changes`."""
    replication = {
        "table_mappings": {"tables": ["shop.orders"]},
        "source_endpoint": {"tls": TLS},
        **changes.pop("replication", {}),
    }
    return {"source": {"kind": "new"}, "replication": replication, **changes}


VARIANTS: Mapping[str, dict[str, Any]] = {
    "defaults": settings(),
    "logging": settings(replication={"task_settings": LOGGING}),
    "customer-keys": settings(
        source={"kind": "new", "encryption": CUSTOMER},
        stream={"encryption": CUSTOMER},
        landing_bucket={"encryption": CUSTOMER},
        replication={
            "encryption": CUSTOMER,
            "task_settings": LOGGING,
            "premigration_assessments": True,
        },
        data_catalog={"workgroup": {}},
        monitoring={"notify": {"kind": "new"}},
    ),
    "serverless": settings(replication=SERVERLESS),
    "serverless-customer-keys": settings(
        source={"kind": "new", "encryption": CUSTOMER},
        stream={"encryption": CUSTOMER},
        landing_bucket={"encryption": CUSTOMER},
        replication={**SERVERLESS, "encryption": CUSTOMER, "task_settings": LOGGING},
    ),
    "full-load": settings(replication={"migration_type": "full-load"}),
    "snapshot": settings(source={"kind": "snapshot", "snapshot_identifier": "tickets"}),
    "imported-everything": settings(
        network={**NETWORK, "replication_security_group_id": "sg-0a1b2c3d4e5f60720"},
        source=SOURCE,
        stream={
            "kind": "existing",
            "stream_arn": _STREAM,
            "key_arn": f"{_KEY}02",
        },
        landing_bucket={
            "kind": "existing",
            "bucket_name": "example-company-lake",
            "key_arn": f"{_KEY}03",
        },
        replication={
            "compute": {"kind": "existing", "replication_instance_id": "shared"},
            "task_settings": LOGGING,
        },
        data_catalog={"kind": "existing", "database_name": "lake", "table_name": "changes"},
        delivery_stream={"format": {"kind": "parquet"}},
        monitoring={
            "notify": {
                "kind": "existing",
                "topic_arns": [f"arn:aws:sns:{REGION}:{ACCOUNT}:data-platform-alarms"],
            }
        },
    ),
    "existing-network": settings(
        network={
            **NETWORK,
            "endpoints": ["kinesis-streams", "secretsmanager", "logs", "s3"],
            "route_table_ids": ["rtb-0a1b2c3d4e5f60718"],
        },
        replication={"task_settings": LOGGING},
    ),
    "parquet": settings(
        delivery_stream={"format": {"kind": "parquet"}},
        data_catalog={"data_columns": {"id": "bigint", "total": "decimal(10,2)"}},
    ),
    "by-table": settings(delivery_stream={"partitioning": {"kind": "by-table"}, "buffer_mib": 64}),
    "events-to-an-encrypted-topic": settings(
        replication={"event_subscription": {}},
        monitoring={"notify": {"kind": "new", "encryption": CUSTOMER}},
    ),
    "told-in-slack": settings(
        monitoring={
            "notify": {
                "kind": "new",
                "encryption": CUSTOMER,
                "slack": {"team_id": "T07EA123LEP", "channel_id": "C07EZ1ABC23"},
                "warnings": {"emails": ["team@example.com"]},
            }
        }
    ),
    "events-to-a-topic": settings(
        replication={"event_subscription": {}}, monitoring={"notify": {"kind": "new"}}
    ),
    "imported-delivery": settings(
        stream={"kind": "existing", "stream_arn": _STREAM},
        delivery_stream={"kind": "existing", "name": "shared"},
    ),
    "no-delivery": settings(stream={"encryption": CUSTOMER}, delivery_stream=None),
    "workgroup": settings(data_catalog={"workgroup": {}}),
}

ENVIRONMENTS = [
    f"{environment}-{pipeline}"
    for environment in environment_names()
    for pipeline in load_environment(environment_file(environment)).pipelines
]
NAMES = [*ENVIRONMENTS, *VARIANTS]
EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/main.py"))


@cache
def pipeline(name: str) -> Json:
    """The Terraform JSON of a pipeline of an environment (`seed-tickets`) or of a variant."""
    if name in VARIANTS:
        props = CdcPipelineProps(**VARIANTS[name])
        return synth(lambda stack: CdcPipeline(stack, "tickets", props=props))
    environment = name.partition("-")[0]
    return _stack(environment, name)


@cache
def example(name: str) -> Json:
    """The Terraform JSON of an app in `examples`, which runs as its users run it."""
    with TemporaryDirectory() as folder:
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "CDKTF_OUTDIR": folder}
        subprocess.run(
            [sys.executable, "main.py"], cwd=ROOT / "examples" / name, env=variables, check=True
        )
        (stack,) = Path(folder).glob("stacks/*/cdk.tf.json")
        text = stack.read_text(encoding="utf-8")
    # addresses in CDKTF's own way, with a hash behind them, read as ours
    document: Json = json.loads(_HASHED.sub(lambda found: found[1].replace("-", "_"), text))
    return document


_HASHED = re.compile(r"\b([a-z][a-z0-9_-]*)_[0-9A-F]{8}\b")


@cache
def bootstrap(environment: str) -> Json:
    """The Terraform JSON of an environment's bootstrap stack."""
    return _stack(environment, f"{environment}-bootstrap")


def _stack(environment: str, stack: str) -> Json:
    loaded = load_environment(environment_file(environment))
    app = build_app(environment, loaded, app=cdktf.Testing.app())
    found = app.node.find_child(stack)
    assert isinstance(found, cdktf.TerraformStack)
    return synth_stack(found)
