"""Reports of the Aurora clusters that tasks read what the databases in their place measure.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
"""

import json
import logging
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import pymysql
from moto.core.exceptions import JsonRESTError
from moto.dms.models import dms_backends
from moto.rds.models import rds_backends
from moto.secretsmanager.models import secretsmanager_backends

from dms_stream.data_plane.metrics import Place
from dms_stream.data_plane.plane import Plane
from dms_stream.local_aws import cloudwatch
from dms_stream.local_aws.dms import DmsBackend
from dms_stream.local_aws.metric_samples import Reported
from dms_stream.local_aws.protocol import moto_lock
from dms_stream.programs import process_id
from dms_stream.programs.process_use import CpuShares, open_bytes, process_use
from dms_stream.rehearsal.errors import SourceError
from dms_stream.rehearsal.source.database import DatabaseAddress, connected, execute
from dms_stream.rehearsal.source.local_database import HOST

_log = logging.getLogger(__name__)

_Measured = tuple[str, str, float]
"""A metric's name, its unit and its value."""


class SourceWatch:
    """Watches for a data plane, from its start on, in a thread of its own: databases may hang.

    Args:
        plane: Whose sources are watched.
        every_seconds: How often.
    """

    def __init__(self, plane: Plane, *, every_seconds: float) -> None:
        self._plane, self._every = plane, every_seconds
        self._shares: dict[DatabaseAddress, CpuShares] = {}
        Thread(target=self._work, name="source watch", daemon=True).start()

    def _work(self) -> None:
        while True:
            time.sleep(self._every)
            try:
                self._report()
            except Exception:  # the next minute is another one
                _log.exception("metrics of sources")

    def _report(self) -> None:
        with moto_lock:
            watched = dict(_watched(self._plane))
        measured: dict[DatabaseAddress, list[_Measured]] = {}
        self._shares = {
            each: self._shares.get(each) or CpuShares() for each in set(watched.values())
        }
        for database, share in self._shares.items():
            try:
                measured[database] = [*_measured(database, share)]
            except (SourceError, pymysql.MySQLError) as error:
                # a source that does not answer has no metrics, and its tasks say why
                _log.info("%s: %s", database, error)
        with moto_lock:
            for ((account, region), cluster), database in watched.items():
                dimensions = {"DBClusterIdentifier": cluster, "Role": "WRITER"}
                values = [
                    Reported("AWS/RDS", name, dimensions, unit, number)
                    for name, unit, number in measured.get(database, ())
                ]
                cloudwatch.report(account, region, values, at=time.time())


def _watched(plane: Plane) -> Iterator[tuple[tuple[Place, str], DatabaseAddress]]:
    """Clusters that started tasks read, and the databases in their place."""
    for arn in plane.tasks:
        database = plane.source_in_use(arn)
        _, _, _, region, account, *_ = arn.split(":")
        host = _source_host(arn, account, region)
        if database is None or host is None:
            continue
        for name, cluster in rds_backends[account][region].clusters.items():
            if host in (cluster.endpoint, cluster.reader_endpoint):
                yield ((account, region), name), database


def _source_host(arn: str, account: str, region: str) -> str | None:
    dms = dms_backends[account][region]
    assert isinstance(dms, DmsBackend)
    task = dms.tasks.get(arn) or dms.configs.get(arn)
    endpoint = dms.dms_endpoints.get(task["SourceEndpointArn"]) if task else None
    if endpoint is None:
        return None
    settings: Mapping[str, Any] = endpoint.get("MySQLSettings") or {}
    if not (secret := settings.get("SecretsManagerSecretId")):
        return endpoint.get("ServerName") or settings.get("ServerName")
    try:
        value = secretsmanager_backends[account][region].get_secret_value(secret, "", "")
        return str(json.loads(value["SecretString"])["host"])
    except (JsonRESTError, KeyError, ValueError):
        return None  # the connection's test says so


def _measured(database: DatabaseAddress, share: CpuShares) -> Iterator[_Measured]:
    with connected(database) as connection:
        sizes = [int(row[1]) for row in execute(connection, "SHOW BINARY LOGS")]
        ((data, pid_file, temporary),) = execute(
            connection, "SELECT @@datadir, @@pid_file, @@tmpdir"
        )
    yield "SumBinaryLogSize", "Bytes", sum(sizes)
    pid = _own_process(database, Path(data), pid_file)
    use = process_use(pid) if pid is not None else None
    if pid is None or use is None:
        return
    # queries sort and keep temporary tables there; on AWS nobody else does
    folder = Path(temporary.partition(os.pathsep)[0]).resolve()
    left = shutil.disk_usage(folder).total - open_bytes(pid, folder)
    yield "FreeLocalStorage", "Bytes", left
    percent = share.percent({pid: use}, at=time.time(), processors=os.cpu_count() or 1)
    if percent is not None:
        yield "CPUUtilization", "Percent", percent


def _own_process(database: DatabaseAddress, data: Path, pid_file: str) -> int | None:
    """The process of a server that we run; None: somebody else's, or on another machine."""
    if database.host != HOST:
        return None
    try:
        pid = int((data / pid_file).read_text())
    except (OSError, ValueError):
        return None
    return pid if f"--datadir={data}" in process_id.command_line(pid) else None
