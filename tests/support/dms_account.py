"""An account in which a task can be made, step by step or at once."""

import json
from collections.abc import Callable
from typing import Any

Clients = Callable[[str], Any]

MAPPINGS = json.dumps(
    {
        "rules": [
            {
                "rule-type": "selection",
                "rule-id": "1",
                "rule-name": "1",
                "object-locator": {"schema-name": "dms_sample", "table-name": "%"},
                "rule-action": "include",
            }
        ]
    }
)
ROLE = "arn:aws:iam::123456789012:role/anybody"


class DmsAccount:
    """An account in which a task can be made."""

    def __init__(self, client: Clients) -> None:
        self.client = client
        self.dms = client("dms")

    def vpc_role(self) -> None:
        """The role that subnet groups need."""
        iam = self.client("iam")
        iam.create_role(RoleName="dms-vpc-role", AssumeRolePolicyDocument="{}")
        iam.attach_role_policy(
            RoleName="dms-vpc-role",
            PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole",
        )

    def subnets(self, zones: str = "ab") -> list[str]:
        """A subnet in each of these zones of a new VPC."""
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        return [
            ec2.create_subnet(
                VpcId=vpc,
                CidrBlock=f"10.0.{n}.0/24",
                AvailabilityZone=f"{ec2.meta.region_name}{zone}",
            )["Subnet"]["SubnetId"]
            for n, zone in enumerate(zones)
        ]

    def subnet_group(self, subnets: list[str] | None = None) -> Any:
        """A subnet group."""
        return self.dms.create_replication_subnet_group(
            ReplicationSubnetGroupIdentifier="group",
            ReplicationSubnetGroupDescription="Private subnets",
            SubnetIds=self.subnets() if subnets is None else subnets,
        )["ReplicationSubnetGroup"]

    def instance(self, **more: Any) -> str:
        """A replication instance's ARN."""
        return str(
            self.dms.create_replication_instance(
                ReplicationInstanceIdentifier="instance",
                ReplicationInstanceClass="dms.t3.medium",
                ReplicationSubnetGroupIdentifier="group",
                **more,
            )["ReplicationInstance"]["ReplicationInstanceArn"]
        )

    def source(self, **more: Any) -> str:
        """A source endpoint's ARN."""
        return str(
            self.dms.create_endpoint(
                **{"EndpointIdentifier": "source", "EndpointType": "source"} | more,
                EngineName="aurora",
            )["Endpoint"]["EndpointArn"]
        )

    def target(self, **more: Any) -> str:
        """A Kinesis target endpoint's ARN."""
        stream = "arn:aws:kinesis:eu-central-1:123456789012:stream/changes"
        settings = {"StreamArn": stream, "ServiceAccessRoleArn": ROLE, **more}
        return str(
            self.dms.create_endpoint(
                EndpointIdentifier="target",
                EndpointType="target",
                EngineName="kinesis",
                KinesisSettings=settings,
            )["Endpoint"]["EndpointArn"]
        )

    def task(self, **more: Any) -> str:
        """A task's ARN, with all it needs."""
        self.vpc_role()
        self.subnet_group()
        asked = {
            "ReplicationTaskIdentifier": "task",
            "SourceEndpointArn": self.source(),
            "TargetEndpointArn": self.target(),
            "ReplicationInstanceArn": self.instance(),
            "MigrationType": "full-load-and-cdc",
            "TableMappings": MAPPINGS,
        }
        return str(
            self.dms.create_replication_task(**asked | more)["ReplicationTask"][
                "ReplicationTaskArn"
            ]
        )

    def config(self, **more: Any) -> str:
        """A serverless replication config's ARN, with all it needs."""
        self.vpc_role()
        self.subnet_group()
        asked = {
            "ReplicationConfigIdentifier": "serverless",
            "SourceEndpointArn": self.source(),
            "TargetEndpointArn": self.target(),
            "ComputeConfig": {"MaxCapacityUnits": 4, "ReplicationSubnetGroupId": "group"},
            "ReplicationType": "cdc",
            "TableMappings": MAPPINGS,
        }
        return str(
            self.dms.create_replication_config(**asked | more)["ReplicationConfig"][
                "ReplicationConfigArn"
            ]
        )

    def start(self, task: str, kind: str = "start-replication") -> None:
        """Start a task."""
        self.dms.start_replication_task(ReplicationTaskArn=task, StartReplicationTaskType=kind)

    def status(self) -> str:
        """The only task's status."""
        (task,) = self.dms.describe_replication_tasks()["ReplicationTasks"]
        return str(task["Status"])
