"""Starting an embedded AWS with a data plane."""

from pathlib import Path
from urllib.parse import quote, urlencode

from dms_stream import local_aws
from dms_stream.data_plane.options import DataPlaneOptions
from dms_stream.rehearsal.source.database import PASSWORD_VARIABLE, DatabaseAddress


def start(
    state_dir: Path, options: DataPlaneOptions | None = None, *, account_id: str | None = None
) -> local_aws.Endpoint:
    """Start an embedded AWS that moves rows, or find the one that is running.

    It starts as fast as one without: databases, tasks and deliveries run when they are needed.

    Args:
        state_dir: Folder for all it keeps; a folder has at most one embedded AWS.
        options: What stands in for sources, and how fast time passes.
        account_id: Number of the account that it is. Default: 123456789012.

    Raises:
        LocalAwsError: it did not start; the message holds the end of its log.
    """
    options = options or DataPlaneOptions()
    arguments = [
        *("--purchases", str(options.purchases), "--seed", str(options.seed)),
        *("--time-scale", str(options.time_scale)),
    ]
    variables = {}
    if options.database is not None:
        arguments += ["--database", _url(options.database)]
        variables[PASSWORD_VARIABLE] = options.database.password
    return local_aws.start(
        state_dir,
        account_id=account_id,
        module="dms_stream.data_plane",
        arguments=arguments,
        variables=variables,
    )


def _url(database: DatabaseAddress) -> str:
    """Its address, without the password."""
    options = f"?{urlencode({'ssl-ca': database.ssl_ca})}" if database.ssl_ca else ""
    host = f"[{database.host}]" if ":" in database.host else database.host
    return f"mysql://{quote(database.user, safe='')}@{host}:{database.port}{options}"
