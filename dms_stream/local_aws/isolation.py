"""The process environment in which Terraform and boto3 see the embedded AWS and nothing else."""

import os
from collections.abc import Mapping

REGION = "eu-central-1"
"""Region used when none is asked for."""
STAND_INS_PATH = "/moto-api/dms-stream/stand-ins"
"""Where stand-ins are asked for; see `dms_stream.local_aws.stand_ins_route`."""

ACCESS_KEY = "local-aws"
"""The key's id and its secret: it opens nothing."""

_LOOPBACK = ("127.0.0.1", "localhost")


def process_environment(
    url: str, *, region: str = REGION, base: Mapping[str, str] | None = None
) -> dict[str, str]:
    """A whole environment for a subprocess: pass it as `env`, not on top of this process's own.

    It is `base` without any `AWS_*` variable, so that no profile, session token, role or
    per-service endpoint can lead to a real account, plus what leads to the embedded AWS.

    Args:
        url: The embedded AWS's address.
        region: Region to work in.
        base: The environment to start from; None means this process's own.
    """
    return isolated(region=region, base=base) | {"AWS_ENDPOINT_URL": url}


def isolated(*, region: str = REGION, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """`base` with nothing that leads to a real account, and with credentials that open nothing."""
    base = os.environ if base is None else base
    kept = {key: value for key, value in base.items() if not key.startswith("AWS_")}
    no_proxy = ",".join(filter(None, (kept.get("NO_PROXY") or kept.get("no_proxy"), *_LOOPBACK)))
    return kept | {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        # the files in the home folder may name endpoints and accounts, too
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
    }
