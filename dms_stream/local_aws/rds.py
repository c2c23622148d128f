"""RDS: restoring Aurora clusters from snapshots, changing them in place, reading them back."""

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterValue
from moto.rds.models import (
    DBCluster,
    DBClusterParameterGroup,
    DBInstance,
    DBParameterGroup,
    RDSBackend,
)
from moto.rds.responses import RDSResponse

from constructs_lib.aurora_source.offered import serverless_problem
from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()

# What a restored cluster has from the snapshot; all else is as in a new cluster.
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html
_RESTORED = (
    "engine", "engine_version", "database_name", "master_username", "storage_encrypted",
    "kms_key_id", "port", "backup_retention_period", "preferred_backup_window",
    "preferred_maintenance_window",
)  # fmt: skip


@repairs.around(RDSBackend, "restore_db_cluster_from_snapshot")
def _restore(
    original: Method,  # noqa: ARG001
    self: RDSBackend,
    snapshot_id: str,
    asked: Any,
) -> Any:
    # moto fails where the snapshot's cluster had a managed password, does not know a snapshot by
    # its ARN, and copies settings that a snapshot does not hold
    if snapshot_id.startswith("arn:"):
        snapshot_id = snapshot_id.rpartition(":")[2]
    (snapshot,) = self.describe_db_cluster_snapshots(None, snapshot_id)
    inherited = {key: getattr(snapshot.cluster, key) for key in _RESTORED}
    if asked.get("kms_key_id"):
        inherited["storage_encrypted"] = True
    password = getattr(snapshot.cluster, "_master_user_password", "of-the-snapshot")
    given = {key: value for key, value in asked.items() if value is not None}
    return self.create_db_cluster(inherited | {"master_user_password": password} | given)


@repairs.around(RDSBackend, "modify_db_cluster")
def _modify_db_cluster(original: Method, self: RDSBackend, asked: Any) -> Any:
    name = asked["db_cluster_identifier"]
    cluster = self.describe_db_clusters(name)[0]
    # moto expects both under the names used at creation
    logs = asked.pop("cloudwatch_logs_export_configuration", None) or {}
    iam = asked.pop("enable_iam_database_authentication", None)
    try:
        answer = original(self, asked)
    except Exception:
        self.clusters[name] = cluster  # moto removes it first, and loses it if it then refuses
        raise
    if iam is not None:
        cluster.iam_auth = iam
    exports = set(cluster.enabled_cloudwatch_logs_exports)
    exports -= set(logs.get("DisableLogTypes", []))
    cluster.enabled_cloudwatch_logs_exports = sorted(exports | set(logs.get("EnableLogTypes", [])))
    return answer


@repairs.around(DBInstance, "__init__")
def _init_instance(original: Method, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    # moto drops these; its own modification keeps them under the same names
    self.enable_performance_insights = kwargs.get("enable_performance_insights", False)
    for name in ("performance_insights_kms_key_id", "performance_insights_retention_period"):
        if kwargs.get(name) is not None:
            setattr(self, name, kwargs[name])


@repairs.shows(DBInstance, "performance_insights_enabled")
def _performance_insights_enabled(self: Any, _shown: None) -> bool:
    return bool(self.enable_performance_insights)


@repairs.around(DBCluster, "__init__")
def _init_cluster(original: Method, self: Any, *args: Any, **kwargs: Any) -> None:
    _check_capacity(kwargs.get("engine_version"), kwargs.get("serverless_v2_scaling_configuration"))
    original(self, *args, **kwargs)
    # moto knows the Data API of Aurora Serverless v1 only
    self._enable_http_endpoint = bool(kwargs.get("enable_http_endpoint"))


def _check_capacity(version: str | None, scaling: dict[str, Any] | None) -> None:
    if not scaling or not version or ".mysql_aurora." not in version:
        return
    least, most = (float(scaling.get(f"{word}Capacity", 1)) for word in ("Min", "Max"))
    if problem := serverless_problem(version, least, most):
        raise InvalidParameterValue(problem)


@repairs.shows(DBCluster, "http_endpoint_enabled")
def _http_endpoint_enabled(self: Any, _shown: None) -> bool:
    return bool(self._enable_http_endpoint)


@repairs.adds(RDSResponse)
def enable_http_endpoint(self: RDSResponse) -> ActionResult:
    """Switch the Data API on."""
    return _http_endpoint(self, enabled=True)


@repairs.adds(RDSResponse)
def disable_http_endpoint(self: RDSResponse) -> ActionResult:
    """Switch the Data API off."""
    return _http_endpoint(self, enabled=False)


def _http_endpoint(response: RDSResponse, *, enabled: bool) -> ActionResult:
    arn = response.params["ResourceArn"]
    cluster = response.backend.describe_db_clusters(arn.rpartition(":")[2])[0]
    cluster._enable_http_endpoint = enabled
    return ActionResult({"ResourceArn": arn, "HttpEndpointEnabled": enabled})


@repairs.shows(DBCluster, "scaling_configuration_info")
def _scaling_configuration_info(self: Any, shown: dict[str, Any]) -> dict[str, Any] | None:
    # moto shows an empty configuration of the first serverless generation on every cluster
    return shown if self.scaling_configuration else None


@repairs.around(DBParameterGroup, "update_parameters")
def _update_parameters(original: Method, self: DBParameterGroup, new: Any) -> None:
    original(self, [{**parameter, "Source": "user"} for parameter in new])


@repairs.around(DBClusterParameterGroup, "update_cluster_parameters")
def _update_cluster_parameters(original: Method, self: DBClusterParameterGroup, new: Any) -> None:
    original(self, [{**parameter, "Source": "user"} for parameter in new])


@repairs.adds(RDSResponse)
def reset_db_parameter_group(self: RDSResponse) -> ActionResult:
    """Set parameters back to their defaults."""
    name = self.params["DBParameterGroupName"]
    _reset(self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})[0], self)
    return ActionResult({"DBParameterGroupName": name})


@repairs.adds(RDSResponse)
def reset_db_cluster_parameter_group(self: RDSResponse) -> ActionResult:
    """Set parameters back to their defaults."""
    name = self.params["DBClusterParameterGroupName"]
    _reset(self.backend.db_cluster_parameter_groups[name], self)
    return ActionResult({"DBClusterParameterGroupName": name})


def _reset(group: DBParameterGroup | DBClusterParameterGroup, response: RDSResponse) -> None:
    if response.params.get("ResetAllParameters"):
        group.parameters.clear()
    for parameter in response.params.get("Parameters", []):
        group.parameters.pop(parameter["ParameterName"], None)
