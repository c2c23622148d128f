"""The control plane of AWS DMS, which replaces all that moto has of it.

Resources are kept as the service describes them, so clients read back what they asked for. States
that a client only waits for (creating, deleting) pass at once; states that matter (ready, running,
stopped, failed) are real, and so are the refusals that depend on them. Two states that clients trip
over last until they have been looked at twice: the connection test after an endpoint was changed,
and the change of a serverless replication. Rows are moved by the data plane, where there is one; it
reports them, see `dms_progress`. Without one a started task is `running` and reads nothing.

https://docs.aws.amazon.com/dms/latest/APIReference/Welcome.html
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, get_args
from uuid import uuid4

from cryptography import x509
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import JsonRESTError
from moto.core.resource_tagging import TaggedResource
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores
from moto.dms import models, urls
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.kinesis.models import kinesis_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends

from constructs_lib.dms.engine_versions import AWS_DEFAULT
from constructs_lib.dms.limits import CAPACITY_UNITS
from constructs_lib.dms.table_mappings.patterns import has_wildcard
from constructs_lib.dms.task_settings import unknown_settings
from constructs_lib.dms.vocabulary import MessageFormat, MigrationType
from dms_stream.local_aws import data_plane
from dms_stream.local_aws.dms_task_settings import complete
from dms_stream.local_aws.repairs import Repairs

repairs = Repairs()

Resource = dict[str, Any]

# the last line is what a serverless replication goes through while it starts:
# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Serverless.Components.html
_STARTED = frozenset(
    {
        *("starting", "running", "stopping"),
        *("initializing", "preparing_metadata_resources", "testing_connection"),
        *("fetching_metadata", "calculating_capacity", "provisioning_capacity"),
        "replication_starting",
    }
)
_STOP_POSITION = re.compile(
    r"(server_time|commit_time):\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
)
# of an instance; they wait for its maintenance window unless they are to be applied at once
_STOPS_TASKS = ("ReplicationInstanceClass", "AllocatedStorage", "MultiAZ", "EngineVersion")
_LOADED = "Stop Reason FULL_LOAD_ONLY_FINISHED"
_LOOKS = 2
_VPC_ROLE, _VPC_POLICY = "dms-vpc-role", "AmazonDMSVPCManagementRole"


class DmsBackend(models.DatabaseMigrationServiceBackend):
    """What DMS knows of one account and region; moto's reset empties it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.subnet_groups: dict[str, Resource] = {}
        self.instances: dict[str, Resource] = {}
        self.dms_endpoints: dict[str, Resource] = {}
        self.certificates: dict[str, Resource] = {}
        self.tasks: dict[str, Resource] = {}
        self.configs: dict[str, Resource] = {}
        self.replications: dict[str, Resource] = {}
        self.subscriptions: dict[str, Resource] = {}
        self.tested: dict[tuple[str, str], Resource] = {}
        self.busy: dict[Any, int] = {}
        """How often a connection's test or a replication's change is still seen going on."""
        self.table_statistics: dict[str, list[Resource]] = {}
        """By task or replication config; see `dms_progress`."""
        self.start_times: dict[str, float] = {}
        """`CdcStartTime` of tasks, which no call returns."""

    @property
    def _url_module(self) -> Any:
        return urls

    def arn(self, kind: str, resource_id: str | None = None) -> str:
        """An ARN of this account; with a random id, as DMS gives them, unless one is asked for."""
        name = resource_id or uuid4().hex[:26].upper()
        return f"arn:{self.partition}:dms:{self.region_name}:{self.account_id}:{kind}:{name}"

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """For the resource groups tagging API."""
        for kind, found in (
            ("endpoint", self.dms_endpoints),
            ("replication-instance", self.instances),
            ("task", self.tasks),
        ):
            for arn in found:
                tags = self.tagger.get_tag_dict_for_resource(arn)
                yield TaggedResource(arn, tags, f"dms:{kind}", {"include_untagged": True})


class DmsResponse(BaseResponse):
    """One method for each call, from the request's JSON to the response's."""

    def __init__(self) -> None:
        super().__init__(service_name="dms")

    @property
    def dms(self) -> DmsBackend:
        """The state for the caller's account and region."""
        backend = models.dms_backends[self.current_account][self.region]
        assert isinstance(backend, DmsBackend)
        return backend

    def call_action(self) -> TYPE_RESPONSE:
        """Answer the call that the request's header names."""
        action = str(self._get_action())
        method: Callable[[Resource], Resource] | None
        method = getattr(self, f"_{camelcase_to_underscores(action)}", None)
        if method is None:
            raise NotImplementedError(action)
        try:
            answer = method(json.loads(self.body or "{}"))
        except JsonRESTError as error:
            return 400, {"Content-Type": "application/x-amz-json-1.1"}, error.description
        body = json.dumps(answer)
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, body

    # Tags

    def _add_tags_to_resource(self, request: Resource) -> Resource:
        self.dms.tagger.tag_resource(request["ResourceArn"], request["Tags"])
        return {}

    def _remove_tags_from_resource(self, request: Resource) -> Resource:
        self.dms.tagger.untag_resource_using_names(request["ResourceArn"], request["TagKeys"])
        return {}

    def _list_tags_for_resource(self, request: Resource) -> Resource:
        arns = request.get("ResourceArnList") or [request["ResourceArn"]]
        return {
            "TagList": [
                {"Key": key, "Value": value, "ResourceArn": arn}
                for arn in arns
                for key, value in self.dms.tagger.get_tag_dict_for_resource(arn).items()
            ]
        }

    def _tag(self, arn: str, request: Resource) -> None:
        if request.get("Tags"):
            self.dms.tagger.tag_resource(arn, request["Tags"])

    # Subnet groups

    def _create_replication_subnet_group(self, request: Resource) -> Resource:
        name = request["ReplicationSubnetGroupIdentifier"].lower()
        _refuse_second(self.dms.subnet_groups, name, "Replication subnet group", name)
        self._check_vpc_role()
        group = {
            "ReplicationSubnetGroupIdentifier": name,
            "ReplicationSubnetGroupDescription": request["ReplicationSubnetGroupDescription"],
            **self._subnets(request["SubnetIds"]),
        }
        self.dms.subnet_groups[name] = group
        self._tag(self.dms.arn("subgrp", name), request)
        return {"ReplicationSubnetGroup": group}

    def _modify_replication_subnet_group(self, request: Resource) -> Resource:
        group = self._subnet_group(request["ReplicationSubnetGroupIdentifier"])
        if "ReplicationSubnetGroupDescription" in request:
            description = request["ReplicationSubnetGroupDescription"]
            group["ReplicationSubnetGroupDescription"] = description
        group |= self._subnets(request["SubnetIds"])
        return {"ReplicationSubnetGroup": group}

    def _describe_replication_subnet_groups(self, request: Resource) -> Resource:
        return _described("ReplicationSubnetGroups", self.dms.subnet_groups, request)

    def _delete_replication_subnet_group(self, request: Resource) -> Resource:
        name = self._subnet_group(request["ReplicationSubnetGroupIdentifier"])[
            "ReplicationSubnetGroupIdentifier"
        ]
        used = [
            i["ReplicationInstanceIdentifier"]
            for i in self.dms.instances.values()
            if i["ReplicationSubnetGroup"]["ReplicationSubnetGroupIdentifier"] == name
        ]
        used += [
            c["ReplicationConfigIdentifier"]
            for c in self.dms.configs.values()
            if c["ComputeConfig"].get("ReplicationSubnetGroupId") == name
        ]
        _refuse_in_use(f"Replication subnet group {name}", used)
        del self.dms.subnet_groups[name]
        return {}

    def _subnet_group(self, name: str) -> Resource:
        return _found(self.dms.subnet_groups, name.lower(), "Replication subnet group")

    def _subnets(self, subnet_ids: list[str]) -> Resource:
        ec2 = ec2_backends[self.current_account][self.region]
        subnets = {s.id: s for s in ec2.describe_subnets()}
        unknown = sorted(set(subnet_ids) - set(subnets))
        if unknown:
            raise _fault("InvalidSubnet", f"The subnets {unknown} do not exist.")
        chosen = [subnets[subnet_id] for subnet_id in subnet_ids]
        if len({s.vpc_id for s in chosen}) != 1:
            raise _fault("InvalidSubnet", "The subnets must all be in one VPC.")
        if len({s.availability_zone for s in chosen}) < 2:
            raise _fault(
                "ReplicationSubnetGroupDoesNotCoverEnoughAZs",
                "The replication subnet group does not cover enough Availability Zones: "
                "at least 2 are needed.",
            )
        return {
            "VpcId": chosen[0].vpc_id,
            "SubnetGroupStatus": "Complete",
            "Subnets": [
                {
                    "SubnetIdentifier": s.id,
                    "SubnetAvailabilityZone": {"Name": s.availability_zone},
                    "SubnetStatus": "Active",
                }
                for s in chosen
            ],
            "SupportedNetworkTypes": ["IPV4"],
        }

    def _check_vpc_role(self) -> None:
        # https://docs.aws.amazon.com/dms/latest/userguide/security-iam.html#CHAP_Security.APIRole
        iam = iam_backends[self.current_account][self.partition]
        role = next((r for r in iam.roles.values() if r.name == _VPC_ROLE), None)
        if role is None or not any(a.endswith(f"/{_VPC_POLICY}") for a in role.managed_policies):
            arn = f"arn:{self.partition}:iam::{self.current_account}:role/{_VPC_ROLE}"
            raise _fault("AccessDeniedFault", f"The IAM Role {arn} is not configured properly.")

    # Replication instances

    def _create_replication_instance(self, request: Resource) -> Resource:
        name = request["ReplicationInstanceIdentifier"].lower()
        _refuse_second_name(self.dms.instances, "ReplicationInstanceIdentifier", name)
        group = self._subnet_group(request.get("ReplicationSubnetGroupIdentifier", "default"))
        arn = self.dms.arn("rep", request.get("ResourceIdentifier"))
        instance = {
            "AllocatedStorage": 50,
            "AutoMinorVersionUpgrade": True,
            "AvailabilityZone": group["Subnets"][0]["SubnetAvailabilityZone"]["Name"],
            "EngineVersion": AWS_DEFAULT.value,
            "KmsKeyId": self._default_key(),
            "MultiAZ": False,
            "NetworkType": "IPV4",
            "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
            "PubliclyAccessible": True,
            **_without(
                request,
                "Tags",
                "ResourceIdentifier",
                "VpcSecurityGroupIds",
                "ReplicationSubnetGroupIdentifier",
            ),
            "ReplicationInstanceIdentifier": name,
            "ReplicationInstanceArn": arn,
            "ReplicationInstanceStatus": "available",
            "InstanceCreateTime": time.time(),
            "PendingModifiedValues": {},
            "ReplicationSubnetGroup": group,
            "VpcSecurityGroups": _security_groups(request.get("VpcSecurityGroupIds", [])),
            "ReplicationInstancePrivateIpAddress": "10.0.0.10",
            "ReplicationInstancePrivateIpAddresses": ["10.0.0.10"],
            "ReplicationInstancePublicIpAddresses": [],
        }
        self.dms.instances[arn] = instance
        self._tag(arn, request)
        return {"ReplicationInstance": instance}

    def _modify_replication_instance(self, request: Resource) -> Resource:
        instance = self._instance(request["ReplicationInstanceArn"])
        changes = _without(
            request,
            "ReplicationInstanceArn",
            "ApplyImmediately",
            "AllowMajorVersionUpgrade",
            "VpcSecurityGroupIds",
        )
        if not request.get("ApplyImmediately"):
            # these wait for the maintenance window
            instance["PendingModifiedValues"] |= {
                key: changes.pop(key) for key in _STOPS_TASKS if key in changes
            }
        if "VpcSecurityGroupIds" in request:
            instance["VpcSecurityGroups"] = _security_groups(request["VpcSecurityGroupIds"])
        if any(changes.get(key, instance[key]) != instance[key] for key in _STOPS_TASKS):
            self._restart_tasks(instance["ReplicationInstanceArn"])
        instance |= changes
        return {"ReplicationInstance": instance}

    def _restart_tasks(self, instance_arn: str) -> None:
        # https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.Modifying.html
        plane = data_plane.attached()
        for arn, task in self.dms.tasks.items():
            is_running = task["Status"] in _STARTED and task["Status"] != "stopping"
            if plane is not None and is_running and task["ReplicationInstanceArn"] == instance_arn:
                plane.stop_task(arn)
                self._move_rows(arn, task["ReplicationTaskIdentifier"], task, "resume-processing")

    def _describe_replication_instances(self, request: Resource) -> Resource:
        return _described("ReplicationInstances", self.dms.instances, request)

    def _delete_replication_instance(self, request: Resource) -> Resource:
        arn = request["ReplicationInstanceArn"]
        instance = self._instance(arn)
        _refuse_in_use(
            f"Replication instance {instance['ReplicationInstanceIdentifier']}",
            self._tasks_with("ReplicationInstanceArn", arn),
        )
        del self.dms.instances[arn]
        self._forget_tests(arn)
        return {"ReplicationInstance": instance | {"ReplicationInstanceStatus": "deleting"}}

    def _instance(self, arn: str) -> Resource:
        return _found(self.dms.instances, arn, "Replication instance")

    # Certificates

    def _import_certificate(self, request: Resource) -> Resource:
        name = request["CertificateIdentifier"].lower()
        _refuse_second_name(self.dms.certificates, "CertificateIdentifier", name)
        arn = self.dms.arn("cert")
        certificate = {
            **_without(request, "Tags", "KmsKeyId"),
            "CertificateIdentifier": name,
            "CertificateArn": arn,
            "CertificateCreationDate": time.time(),
            "CertificateOwner": self.current_account,
        }
        if pem := request.get("CertificatePem"):
            try:
                first = x509.load_pem_x509_certificates(pem.encode())[0]
            except ValueError:
                message = "The certificate is not valid: PEM-encoded X.509 is expected."
                raise _fault("InvalidCertificateFault", message) from None
            certificate["ValidFromDate"] = first.not_valid_before_utc.timestamp()
            certificate["ValidToDate"] = first.not_valid_after_utc.timestamp()
        self.dms.certificates[arn] = certificate
        self._tag(arn, request)
        return {"Certificate": certificate}

    def _describe_certificates(self, request: Resource) -> Resource:
        return _described("Certificates", self.dms.certificates, request)

    def _delete_certificate(self, request: Resource) -> Resource:
        arn = request["CertificateArn"]
        certificate = _found(self.dms.certificates, arn, "Certificate")
        used = [
            e["EndpointIdentifier"]
            for e in self.dms.dms_endpoints.values()
            if e.get("CertificateArn") == arn
        ]
        _refuse_in_use(f"Certificate {certificate['CertificateIdentifier']}", used)
        del self.dms.certificates[arn]
        return {"Certificate": certificate}

    # Endpoints

    def _create_endpoint(self, request: Resource) -> Resource:
        name = request["EndpointIdentifier"].lower()
        _refuse_second_name(self.dms.dms_endpoints, "EndpointIdentifier", name)
        arn = self.dms.arn("endpoint", request.get("ResourceIdentifier"))
        endpoint = {
            "KmsKeyId": self._default_key(),
            "SslMode": "none",
            "EndpointArn": arn,
            "Status": "active",
            "EngineDisplayName": request["EngineName"],
        }
        self._change_endpoint(endpoint, request)
        endpoint["EndpointIdentifier"] = name
        self.dms.dms_endpoints[arn] = endpoint
        self._tag(arn, request)
        return {"Endpoint": endpoint}

    def _modify_endpoint(self, request: Resource) -> Resource:
        endpoint = self._endpoint(request["EndpointArn"])
        running = [
            task["ReplicationTaskIdentifier"]
            for task in self.dms.tasks.values()
            if task["Status"] in _STARTED
            and request["EndpointArn"] in (task["SourceEndpointArn"], task["TargetEndpointArn"])
        ]
        _refuse_in_use(f"Endpoint {endpoint['EndpointIdentifier']}", running)
        self._change_endpoint(endpoint, request)
        self._test_by_itself(endpoint)
        return {"Endpoint": endpoint}

    def _test_by_itself(self, endpoint: Resource) -> None:
        # DMS tests a changed endpoint's connections; the provider starts no task meanwhile:
        # https://github.com/hashicorp/terraform-provider-aws/issues/46139
        arn = endpoint["EndpointArn"]
        for task in self.dms.tasks.values():
            if arn in (task["SourceEndpointArn"], task["TargetEndpointArn"]):
                instance = task["ReplicationInstanceArn"]
                self._test(endpoint, self._instance(instance))
                self.dms.busy[arn, instance] = _LOOKS

    def _change_endpoint(self, endpoint: Resource, request: Resource) -> None:
        if certificate := request.get("CertificateArn"):
            _found(self.dms.certificates, certificate, "Certificate")
        kinesis = request.get("KinesisSettings", {})
        _check_word("MessageFormat", kinesis.get("MessageFormat"), get_args(MessageFormat))
        exact = request.get("ExactSettings", False)
        for key, value in _without(
            request, "Tags", "Password", "ResourceIdentifier", "ExactSettings", "EndpointArn"
        ).items():
            if isinstance(value, dict) and not exact:
                kept = endpoint.get(key, {})
                value = kept | _without(value, "Password")
            endpoint[key] = value
        self._forget_tests(endpoint["EndpointArn"])

    def _describe_endpoints(self, request: Resource) -> Resource:
        return _described("Endpoints", self.dms.dms_endpoints, request)

    def _delete_endpoint(self, request: Resource) -> Resource:
        arn = request["EndpointArn"]
        endpoint = self._endpoint(arn)
        used = [
            *self._tasks_with("SourceEndpointArn", arn),
            *self._tasks_with("TargetEndpointArn", arn),
            *(
                c["ReplicationConfigIdentifier"]
                for c in self.dms.configs.values()
                if arn in (c["SourceEndpointArn"], c["TargetEndpointArn"])
            ),
        ]
        _refuse_in_use(f"Endpoint {endpoint['EndpointIdentifier']}", used)
        del self.dms.dms_endpoints[arn]
        self._forget_tests(arn)
        return {"Endpoint": endpoint | {"Status": "deleting"}}

    def _endpoint(self, arn: str, kind: str | None = None) -> Resource:
        endpoint = _found(self.dms.dms_endpoints, arn, "Endpoint")
        if kind is not None and endpoint["EndpointType"].lower() != kind:
            raise _fault("InvalidParameterValueException", f"Endpoint {arn} is not a {kind}.")
        return endpoint

    # Connection tests

    def _test_connection(self, request: Resource) -> Resource:
        endpoint = self._endpoint(request["EndpointArn"])
        instance = self._instance(request["ReplicationInstanceArn"])
        if (endpoint["EndpointArn"], instance["ReplicationInstanceArn"]) in self.dms.busy:
            raise _fault(
                "InvalidResourceStateFault",
                f"Connection of endpoint {endpoint['EndpointIdentifier']} is already being tested.",
            )
        return {"Connection": self._test(endpoint, instance) | {"Status": "testing"}}

    def _test(self, endpoint: Resource, instance: Resource) -> Resource:
        problem = self._connection_problem(endpoint)
        outcome = (
            {"Status": "failed", "LastFailureMessage": problem}
            if problem
            else {"Status": "successful"}
        )
        connection = {
            "EndpointArn": endpoint["EndpointArn"],
            "EndpointIdentifier": endpoint["EndpointIdentifier"],
            "ReplicationInstanceArn": instance["ReplicationInstanceArn"],
            "ReplicationInstanceIdentifier": instance["ReplicationInstanceIdentifier"],
            **outcome,
        }
        key = (endpoint["EndpointArn"], instance["ReplicationInstanceArn"])
        self.dms.tested[key] = connection
        return connection

    def _describe_connections(self, request: Resource) -> Resource:
        shown = {
            key: connection | {"Status": "testing"} if self._seen_busy(key) else connection
            for key, connection in self.dms.tested.items()
        }
        return _described("Connections", shown, request)

    def _seen_busy(self, key: object) -> bool:
        left = self.dms.busy.get(key)
        if not left:
            # whoever was told "busy" last has yet to see that it is over
            self.dms.busy.pop(key, None)
            return False
        self.dms.busy[key] = left - 1
        return True

    def _connection_problem(self, endpoint: Resource) -> str | None:
        if kinesis := endpoint.get("KinesisSettings"):
            streams = kinesis_backends[self.current_account][self.region].streams.values()
            if kinesis["StreamArn"] not in [stream.arn for stream in streams]:
                return f"The stream {kinesis['StreamArn']} does not exist."
            return self._role_problem(kinesis["ServiceAccessRoleArn"])
        engine = next(
            (
                v
                for k, v in endpoint.items()
                if k.endswith("Settings") and "SecretsManagerSecretId" in v
            ),
            None,
        )
        if engine is None:
            return None
        return self._role_problem(engine["SecretsManagerAccessRoleArn"]) or self._secret_problem(
            engine["SecretsManagerSecretId"]
        )

    def _role_problem(self, arn: str) -> str | None:
        roles = iam_backends[self.current_account][self.partition].roles.values()
        return None if arn in [r.arn for r in roles] else f"The role {arn} does not exist."

    def _secret_problem(self, secret_id: str) -> str | None:
        secrets = secretsmanager_backends[self.current_account][self.region]
        try:
            value = json.loads(secrets.get_secret_value(secret_id, "", "")["SecretString"])
        except (JsonRESTError, KeyError, ValueError):
            return f"The secret {secret_id} cannot be read or is not JSON."
        # https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html
        missing = [k for k in ("username", "password", "host", "port") if k not in value]
        return f"The secret {secret_id} lacks {', '.join(missing)}." if missing else None

    def _forget_tests(self, arn: str) -> None:
        for key in [key for key in self.dms.tested if arn in key]:
            del self.dms.tested[key]
            self.dms.busy.pop(key, None)

    # Tasks

    def _create_replication_task(self, request: Resource) -> Resource:
        name = request["ReplicationTaskIdentifier"].lower()
        _refuse_second_name(self.dms.tasks, "ReplicationTaskIdentifier", name)
        self._endpoint(request["SourceEndpointArn"], "source")
        self._endpoint(request["TargetEndpointArn"], "target")
        self._instance(request["ReplicationInstanceArn"])
        arn = self.dms.arn("task", request.get("ResourceIdentifier"))
        task = {
            "ReplicationTaskIdentifier": name,
            "ReplicationTaskArn": arn,
            "ReplicationTaskCreationDate": time.time(),
            "ReplicationTaskSettings": complete("{}"),
            "ReplicationTaskStats": {},
            "Status": "ready",
        }
        self._change_task(task, _without(request, "ReplicationTaskIdentifier"))
        self.dms.tasks[arn] = task
        self._tag(arn, request)
        return {"ReplicationTask": task}

    def _modify_replication_task(self, request: Resource) -> Resource:
        task = self._task(request["ReplicationTaskArn"])
        _refuse_started(task, "ReplicationTaskIdentifier")
        self._change_task(task, request)
        return {"ReplicationTask": task}

    def _change_task(self, task: Resource, request: Resource) -> None:
        _check_word("MigrationType", request.get("MigrationType"), get_args(MigrationType))
        if "TableMappings" in request:
            _check_mappings(request["TableMappings"])
            instance = request.get("ReplicationInstanceArn") or task["ReplicationInstanceArn"]
            _check_object_mappings(
                request["TableMappings"], self._instance(instance)["EngineVersion"]
            )
        self._set_limits(task["ReplicationTaskArn"], task, request)
        changes = _without(
            request, "Tags", "ResourceIdentifier", "CdcStartTime", "CdcStartPosition"
        )
        if settings := changes.get("ReplicationTaskSettings"):
            _check_settings(settings)
            changes["ReplicationTaskSettings"] = complete(settings)
        task |= changes

    def _describe_replication_tasks(self, request: Resource) -> Resource:
        return _described("ReplicationTasks", self.dms.tasks, request)

    def _start_replication_task(self, request: Resource) -> Resource:
        task = self._task(request["ReplicationTaskArn"])
        _refuse_started(task, "ReplicationTaskIdentifier")
        start = request["StartReplicationTaskType"]
        first = "ReplicationTaskStartDate" not in task
        if start == "start-replication" and not first:
            raise _fault(
                "InvalidParameterCombinationException",
                "Start Type : START_REPLICATION, valid only for tasks running for the first time",
            )
        if start != "start-replication" and first:
            raise _fault(
                "InvalidParameterCombinationException",
                f"Start Type : {start.upper().replace('-', '_')}, "
                "not valid for tasks running for the first time",
            )
        self._set_limits(task["ReplicationTaskArn"], task, request)
        for old in ("StopReason", "LastFailureMessage"):
            task.pop(old, None)
        now = time.time()
        task |= {"Status": "running", "ReplicationTaskStartDate": now}
        if start == "resume-processing":
            task["ReplicationTaskStats"]["StartDate"] = now
            task["ReplicationTaskStats"].pop("StopDate", None)
        else:
            self.dms.table_statistics.pop(task["ReplicationTaskArn"], None)
            task.pop("RecoveryCheckpoint", None)
            task["ReplicationTaskStats"] = {"StartDate": now, "FreshStartDate": now}
        if not self._move_rows(
            task["ReplicationTaskArn"], task["ReplicationTaskIdentifier"], task, start
        ) and (task["MigrationType"] == "full-load"):
            _end_load(task, task["ReplicationTaskStats"], now)
        return {"ReplicationTask": task | {"Status": "starting"}}

    def _set_limits(self, arn: str, resource: Resource, request: Resource) -> None:
        start, begin = request.get("CdcStartTime"), request.get("CdcStartPosition")
        if start is not None and begin is not None:
            # https://docs.aws.amazon.com/dms/latest/APIReference/API_StartReplicationTask.html
            message = "CdcStartTime and CdcStartPosition cannot both be given."
            raise _fault("InvalidParameterCombinationException", message)
        stop = request.get("CdcStopPosition")
        if stop is not None and not _STOP_POSITION.fullmatch(stop):
            raise _fault(
                "InvalidParameterValueException",
                f"CdcStopPosition must be server_time: or commit_time: and a moment such as "
                f"2018-02-09T12:12:12, not {stop}.",
            )
        if start is not None:
            self.dms.start_times[arn] = float(start)
            resource.pop("CdcStartPosition", None)
        if begin is not None:
            self.dms.start_times.pop(arn, None)
            resource["CdcStartPosition"] = begin
        if stop is not None:
            resource["CdcStopPosition"] = stop

    def _move_rows(
        self, arn: str, identifier: str, resource: Resource, kind: data_plane.StartKind
    ) -> bool:
        """Let the data plane run a task; whether there is one."""
        plane = data_plane.attached()
        if plane is None:
            return False
        resource["Status"] = "starting" if ":task:" in arn else "initializing"
        plane.start_task(
            data_plane.TaskStart(
                arn,
                identifier,
                kind,
                self.dms.start_times.get(arn),
                resource.get("CdcStartPosition"),
                resource.get("CdcStopPosition"),
            )
        )
        return True

    def _stop_replication_task(self, request: Resource) -> Resource:
        task = self._task(request["ReplicationTaskArn"])
        if task["Status"] not in _STARTED:
            raise _fault(
                "InvalidResourceStateFault",
                f"Replication Task {task['ReplicationTaskIdentifier']} is not running.",
            )
        if (plane := data_plane.attached()) is not None:
            task["Status"] = "stopping"
            plane.stop_task(task["ReplicationTaskArn"])
        else:
            task |= {"Status": "stopped", "StopReason": "Stop Reason NORMAL"}
            task["ReplicationTaskStats"]["StopDate"] = time.time()
        return {"ReplicationTask": task | {"Status": "stopping"}}

    def _reload_tables(self, request: Resource) -> Resource:
        arn = request["ReplicationTaskArn"]
        self._reload(arn, self._task(arn), "ReplicationTaskIdentifier", request)
        return {"ReplicationTaskArn": arn}

    def _reload(self, arn: str, resource: Resource, name_key: str, request: Resource) -> None:
        # https://docs.aws.amazon.com/dms/latest/APIReference/API_ReloadTables.html
        if resource["Status"] != "running":
            raise _fault("InvalidResourceStateFault", f"{resource[name_key]} is not running.")
        option = request.get("ReloadOption", "data-reload")
        if option != "data-reload":
            raise _fault(
                "InvalidParameterValueException",
                f"ReloadOption {option} needs data validation, which a Kinesis target does not "
                "have: only data-reload is possible.",
            )
        tables = [f"{t['SchemaName']}.{t['TableName']}" for t in request["TablesToReload"]]
        known = [
            f"{t['SchemaName']}.{t['TableName']}" for t in self.dms.table_statistics.get(arn, [])
        ]
        if unknown := sorted(set(tables) - set(known)):
            raise _fault(
                "InvalidParameterValueException",
                f"{resource[name_key]} has no tables {', '.join(unknown)}.",
            )
        if (plane := data_plane.attached()) is not None:
            plane.reload_tables(arn, tables)

    def _delete_replication_task(self, request: Resource) -> Resource:
        task = self._task(request["ReplicationTaskArn"])
        _refuse_started(task, "ReplicationTaskIdentifier")
        del self.dms.tasks[request["ReplicationTaskArn"]]
        self._forget_rows(request["ReplicationTaskArn"])
        return {"ReplicationTask": task | {"Status": "deleting"}}

    def _forget_rows(self, arn: str) -> None:
        self.dms.table_statistics.pop(arn, None)
        self.dms.start_times.pop(arn, None)
        if (plane := data_plane.attached()) is not None:
            plane.forget_task(arn)

    def _describe_table_statistics(self, request: Resource) -> Resource:
        arn = request["ReplicationTaskArn"]
        self._task(arn)
        return {"ReplicationTaskArn": arn, **self._statistics("TableStatistics", arn, request)}

    def _statistics(self, name: str, arn: str, request: Resource) -> Resource:
        tables = self.dms.table_statistics.get(arn, [])
        return _described(name, dict(enumerate(tables)), request)

    def _task(self, arn: str) -> Resource:
        return _found(self.dms.tasks, arn, "Replication task")

    def _tasks_with(self, key: str, value: str) -> list[str]:
        tasks = self.dms.tasks.values()
        return [task["ReplicationTaskIdentifier"] for task in tasks if task[key] == value]

    # Serverless replications: a config holds what was asked, its replication what runs

    def _create_replication_config(self, request: Resource) -> Resource:
        name = request["ReplicationConfigIdentifier"].lower()
        _refuse_second_name(self.dms.configs, "ReplicationConfigIdentifier", name)
        self._endpoint(request["SourceEndpointArn"], "source")
        self._endpoint(request["TargetEndpointArn"], "target")
        arn = self.dms.arn("replication-config", request.get("ResourceIdentifier"))
        config: Resource = {
            "ReplicationConfigIdentifier": name,
            "ReplicationConfigArn": arn,
            "ReplicationConfigCreateTime": time.time(),
            "ReplicationSettings": complete("{}"),
            "ComputeConfig": {},
        }
        self._change_config(config, _without(request, "ReplicationConfigIdentifier"))
        self.dms.configs[arn] = config
        self.dms.replications[arn] = {
            "Status": "created",
            "ReplicationCreateTime": time.time(),
            "ReplicationStats": {},
        }
        self._tag(arn, request)
        return {"ReplicationConfig": config}

    def _modify_replication_config(self, request: Resource) -> Resource:
        config = self._config(request["ReplicationConfigArn"])
        self._refuse_started_replication(config)
        self._change_config(config, request)
        arn = config["ReplicationConfigArn"]
        if "StartReplicationType" in self.dms.replications[arn]:
            # one that has been provisioned takes a while to change, and no start meanwhile:
            # https://github.com/hashicorp/terraform-provider-aws/issues/35650
            self.dms.busy[arn] = _LOOKS
        return {"ReplicationConfig": config}

    def _change_config(self, config: Resource, request: Resource) -> None:
        _check_word("ReplicationType", request.get("ReplicationType"), get_args(MigrationType))
        if "TableMappings" in request:
            _check_mappings(request["TableMappings"])
        changes = _without(request, "Tags", "ResourceIdentifier")
        if "ComputeConfig" in changes:
            compute = config["ComputeConfig"] | changes["ComputeConfig"]
            for name in ("MaxCapacityUnits", "MinCapacityUnits"):
                _check_capacity(name, compute.get(name))
            self._subnet_group(compute.get("ReplicationSubnetGroupId", "default"))
            changes["ComputeConfig"] = {
                "KmsKeyId": self._default_key(),
                "MultiAZ": False,
                "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
                **compute,
            }
        if settings := changes.get("ReplicationSettings"):
            _check_settings(settings)
            changes["ReplicationSettings"] = complete(settings)
        config |= changes

    def _describe_replication_configs(self, request: Resource) -> Resource:
        return _described("ReplicationConfigs", self.dms.configs, request)

    def _describe_replications(self, request: Resource) -> Resource:
        shown = {
            arn: {
                **{
                    key: config[key]
                    for key in (
                        "ReplicationConfigIdentifier",
                        "ReplicationConfigArn",
                        "ReplicationType",
                        "SourceEndpointArn",
                        "TargetEndpointArn",
                    )
                },
                **self.dms.replications[arn],
                **({"Status": "modifying"} if self._seen_busy(arn) else {}),
            }
            for arn, config in self.dms.configs.items()
        }
        return _described("Replications", shown, request)

    def _start_replication(self, request: Resource) -> Resource:
        config = self._config(request["ReplicationConfigArn"])
        self._refuse_started_replication(config)
        if config["ReplicationConfigArn"] in self.dms.busy:
            raise _fault(
                "InvalidResourceStateFault",
                f"Replication {config['ReplicationConfigIdentifier']} is in MODIFYING state and "
                "cannot start.",
            )
        replication = self.dms.replications[config["ReplicationConfigArn"]]
        for old in ("StopReason", "FailureMessages"):
            replication.pop(old, None)
        now, start = time.time(), request["StartReplicationType"]
        arn = config["ReplicationConfigArn"]
        self._set_limits(arn, replication, request)
        if "CdcStartTime" in request:
            replication["CdcStartTime"] = request["CdcStartTime"]
        replication |= {"Status": "running", "StartReplicationType": start}
        if start == "resume-processing":
            replication["ReplicationStats"]["StartDate"] = now
            replication["ReplicationStats"].pop("StopDate", None)
        else:
            self.dms.table_statistics.pop(arn, None)
            replication.pop("RecoveryCheckpoint", None)
            replication["ReplicationStats"] = {"StartDate": now, "FreshStartDate": now}
        if not self._move_rows(arn, config["ReplicationConfigIdentifier"], replication, start) and (
            config["ReplicationType"] == "full-load"
        ):
            _end_load(replication, replication["ReplicationStats"], now)
        return self._replication(config, "initializing")

    def _stop_replication(self, request: Resource) -> Resource:
        config = self._config(request["ReplicationConfigArn"])
        replication = self.dms.replications[config["ReplicationConfigArn"]]
        if self.dms.busy.pop(config["ReplicationConfigArn"], None) is not None:
            # it stands still behind its change, which nobody has looked at again
            return self._replication(config, "stopping")
        if replication["Status"] not in _STARTED:
            name = config["ReplicationConfigIdentifier"]
            raise _fault("InvalidResourceStateFault", f"Replication {name} is not running.")
        if (plane := data_plane.attached()) is not None:
            replication["Status"] = "stopping"
            plane.stop_task(config["ReplicationConfigArn"])
            return self._replication(config, "stopping")
        now = time.time()
        replication |= {"Status": "stopped", "ReplicationLastStopTime": now}
        replication["StopReason"] = "Stop Reason NORMAL"
        replication["ReplicationStats"]["StopDate"] = now
        return self._replication(config, "stopping")

    def _delete_replication_config(self, request: Resource) -> Resource:
        config = self._config(request["ReplicationConfigArn"])
        self._refuse_started_replication(config)
        del self.dms.configs[config["ReplicationConfigArn"]]
        del self.dms.replications[config["ReplicationConfigArn"]]
        self.dms.busy.pop(config["ReplicationConfigArn"], None)
        self._forget_rows(config["ReplicationConfigArn"])
        return {"ReplicationConfig": config}

    def _reload_replication_tables(self, request: Resource) -> Resource:
        arn = request["ReplicationConfigArn"]
        config = self._config(arn)
        resource = config | self.dms.replications[arn]
        self._reload(arn, resource, "ReplicationConfigIdentifier", request)
        return {"ReplicationConfigArn": arn}

    def _describe_replication_table_statistics(self, request: Resource) -> Resource:
        arn = request["ReplicationConfigArn"]
        self._config(arn)
        found = self._statistics("ReplicationTableStatistics", arn, request)
        return {"ReplicationConfigArn": arn, **found}

    def _config(self, arn: str) -> Resource:
        return _found(self.dms.configs, arn, "Replication config")

    def _replication(self, config: Resource, status: str) -> Resource:
        arn = config["ReplicationConfigArn"]
        shown = {"ReplicationConfigArn": arn, **self.dms.replications[arn], "Status": status}
        return {"Replication": shown}

    def _refuse_started_replication(self, config: Resource) -> None:
        _refuse_started(
            config | self.dms.replications[config["ReplicationConfigArn"]],
            "ReplicationConfigIdentifier",
        )

    # Event subscriptions

    def _create_event_subscription(self, request: Resource) -> Resource:
        name = request["SubscriptionName"].lower()
        _refuse_second(self.dms.subscriptions, name, "Event subscription", name)
        subscription: Resource = {
            "CustSubscriptionId": name,
            "CustomerAwsId": self.current_account,
            "Status": "active",
            "SubscriptionCreationTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            "Enabled": True,
        }
        self._change_subscription(subscription, request)
        self.dms.subscriptions[name] = subscription
        self._tag(self.dms.arn("es", name), request)
        return {"EventSubscription": subscription}

    def _modify_event_subscription(self, request: Resource) -> Resource:
        subscription = self._subscription(request["SubscriptionName"])
        self._change_subscription(subscription, request)
        return {"EventSubscription": subscription}

    def _change_subscription(self, subscription: Resource, request: Resource) -> None:
        if topic := request.get("SnsTopicArn"):
            topics = sns_backends[self.current_account][self.region].topics
            if topic not in topics:
                raise _fault("SNSInvalidTopicFault", f"The topic {topic} does not exist.")
        names = {"EventCategories": "EventCategoriesList", "SourceIds": "SourceIdsList"}
        for key, value in _without(request, "Tags", "SubscriptionName").items():
            subscription[names.get(key, key)] = value

    def _describe_event_subscriptions(self, request: Resource) -> Resource:
        if name := request.get("SubscriptionName"):
            return {"EventSubscriptionsList": [self._subscription(name)]}
        return _described("EventSubscriptionsList", self.dms.subscriptions, request)

    def _delete_event_subscription(self, request: Resource) -> Resource:
        subscription = self._subscription(request["SubscriptionName"])
        del self.dms.subscriptions[subscription["CustSubscriptionId"]]
        return {"EventSubscription": subscription}

    def _subscription(self, name: str) -> Resource:
        return _found(self.dms.subscriptions, name.lower(), "Event subscription")

    def _default_key(self) -> str:
        # the key that AWS itself owns for DMS in every account
        key_id = "00000000-0000-0000-0000-000000000000"
        return f"arn:{self.partition}:kms:{self.region}:{self.current_account}:key/{key_id}"


@repairs.once
def _replace_moto_dms() -> None:
    models.dms_backends.backend = DmsBackend
    urls.url_paths = {"{0}/$": DmsResponse.dispatch}


_FILTERS = {
    "replication-subnet-group-id": "ReplicationSubnetGroupIdentifier",
    "replication-instance-arn": "ReplicationInstanceArn",
    "replication-instance-id": "ReplicationInstanceIdentifier",
    "replication-instance-class": "ReplicationInstanceClass",
    "engine-version": "EngineVersion",
    "certificate-arn": "CertificateArn",
    "certificate-id": "CertificateIdentifier",
    "endpoint-arn": "EndpointArn",
    "endpoint-id": "EndpointIdentifier",
    "endpoint-type": "EndpointType",
    "engine-name": "EngineName",
    "replication-task-arn": "ReplicationTaskArn",
    "replication-task-id": "ReplicationTaskIdentifier",
    "migration-type": "MigrationType",
    "replication-config-arn": "ReplicationConfigArn",
    "replication-config-id": "ReplicationConfigIdentifier",
    "schema-name": "SchemaName",
    "table-name": "TableName",
    "table-state": "TableState",
}


def _described(name: str, resources: dict[Any, Resource], request: Resource) -> Resource:
    found = list(resources.values())
    for wanted in request.get("Filters", []):
        try:
            key = _FILTERS[wanted["Name"]]
        except KeyError:
            message = f"The filter {wanted['Name']} is not supported."
            raise _fault("InvalidParameterValueException", message) from None
        # a task has two endpoints, and is found by either
        keys = (
            ("SourceEndpointArn", "TargetEndpointArn")
            if (key == "EndpointArn" and name == "ReplicationTasks")
            else (key,)
        )
        values = [value.lower() for value in wanted["Values"]]
        found = [r for r in found if any(str(r.get(k)).lower() in values for k in keys)]
    return {name: found}


def _found(resources: dict[str, Resource], key: str, kind: str) -> Resource:
    try:
        return resources[key]
    except KeyError:
        raise _fault("ResourceNotFoundFault", f"{kind} {key} could not be found.") from None


def _refuse_second(resources: dict[str, Resource], key: str, kind: str, name: str) -> None:
    if key in resources:
        raise _fault("ResourceAlreadyExistsFault", f"{kind} {name} already exists.")


def _refuse_second_name(resources: dict[str, Resource], key: str, name: str) -> None:
    if name in [resource[key] for resource in resources.values()]:
        raise _fault("ResourceAlreadyExistsFault", f"{key} {name} already exists.")


def _refuse_in_use(resource: str, users: list[str]) -> None:
    if users:
        raise _fault("InvalidResourceStateFault", f"{resource} is in use by {', '.join(users)}.")


def _refuse_started(resource: Resource, name_key: str) -> None:
    if resource["Status"] in _STARTED:
        raise _fault(
            "InvalidResourceStateFault", f"{resource[name_key]} is currently {resource['Status']}."
        )


def _end_load(resource: Resource, stats: Resource, now: float) -> None:
    # nothing is read here: a load that nothing follows is over as soon as it starts
    resource |= {"Status": "stopped", "StopReason": _LOADED}
    stats["StopDate"] = now


def _check_mappings(document: str) -> None:
    try:
        rules = json.loads(document)["rules"]
        selects = any(rule["rule-type"] == "selection" for rule in rules)
    except (ValueError, KeyError, TypeError):
        message = 'Invalid table mappings document: JSON of the form {"rules": […]} is expected.'
        raise _fault("InvalidParameterValueException", message) from None
    if not selects:
        message = "Invalid table mappings document: at least one selection rule is needed."
        raise _fault("InvalidParameterValueException", message)


def _check_object_mappings(document: str, version: str) -> None:
    # as users report it; whether 3.6 and serverless take patterns is open
    patterns = [
        rule
        for rule in json.loads(document)["rules"]
        if rule.get("rule-type") == "object-mapping"
        and any(has_wildcard(str(name)) for name in rule.get("object-locator", {}).values())
    ]
    if patterns and version.startswith("3.5."):
        raise _fault(
            "InvalidParameterValueException",
            "Exact schema and table required when using object mapping rule with '3.5' engine",
        )


def _check_capacity(name: str, units: int | None) -> None:
    if units is not None and units not in CAPACITY_UNITS.value:
        allowed = ", ".join(str(each) for each in CAPACITY_UNITS.value)
        raise _fault(
            "InvalidParameterValueException", f"{name} must be one of {allowed}, not {units}."
        )


def _check_word(name: str, given: str | None, allowed: tuple[str, ...]) -> None:
    if given is not None and given not in allowed:
        raise _fault(
            "InvalidParameterValueException",
            f"{name} must be one of {', '.join(allowed)}, not {given}.",
        )


def _check_settings(document: str) -> None:
    try:
        settings = json.loads(document)
        logging = settings.get("Logging") or {}
        unknown = unknown_settings(settings)
    except (ValueError, AttributeError):
        message = "Invalid task settings JSON."
        raise _fault("InvalidParameterValueException", message) from None
    if unknown:
        # what DMS itself makes of them AWS does not say: better refused than forgotten
        message = f"Unknown task settings: {', '.join(unknown)}."
        raise _fault("InvalidParameterValueException", message)
    # https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.Logging.html
    read_only = [k for k in ("CloudWatchLogGroup", "CloudWatchLogStream") if logging.get(k)]
    if read_only:
        message = f"Task settings {' and '.join(read_only)} are read only and cannot be set."
        raise _fault("InvalidParameterValueException", message)


def _security_groups(group_ids: list[str]) -> list[Resource]:
    return [{"VpcSecurityGroupId": group, "Status": "active"} for group in group_ids]


def _without(resource: Resource, *keys: str) -> Resource:
    return {key: value for key, value in resource.items() if key not in keys}


def _fault(kind: str, message: str) -> JsonRESTError:
    return JsonRESTError(kind, message)
