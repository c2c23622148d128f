"""A fleet of pipelines, a stack each, with this project's stacks: `fleet.py PIPELINES OUTDIR`."""

import sys
from typing import Any

from benchmarks.apps.fourteen import add_fourteen
from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.bindings import Construct, aws, cdktf


def add_pipeline_stack(app: cdktf.App, name: str) -> None:
    """The stack of one pipeline: 45 resources in six constructs."""
    stack = ReadableAddressStack(app, name)
    aws.provider.AwsProvider(stack, "aws", region="eu-west-1")
    pipeline = Construct(stack, "pipeline")
    add_fourteen(aws, Construct(pipeline, "delivery"))
    _add_network(Construct(pipeline, "network"))
    _add_source(Construct(pipeline, "source"))
    _add_alarms(Construct(pipeline, "alarms"))


def _add_network(scope: Any) -> None:
    vpc = aws.vpc.Vpc(scope, "vpc", cidr_block="10.0.0.0/16")
    subnets = []
    for zone in "abc":
        subnet = aws.subnet.Subnet(
            scope, zone, vpc_id=vpc.id, cidr_block="10.0.0.0/24", availability_zone=zone
        )
        table = aws.route_table.RouteTable(scope, f"routes_{zone}", vpc_id=vpc.id)
        aws.route_table_association.RouteTableAssociation(
            scope, f"association_{zone}", subnet_id=subnet.id, route_table_id=table.id
        )
        subnets.append(subnet.id)
    group = aws.security_group.SecurityGroup(scope, "group", vpc_id=vpc.id)
    for port in (443, 3306):
        aws.vpc_security_group_egress_rule.VpcSecurityGroupEgressRule(
            scope,
            f"egress_{port}",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4="0.0.0.0/0",
        )
    aws.db_subnet_group.DbSubnetGroup(scope, "database_subnets", subnet_ids=subnets)
    aws.dms_replication_subnet_group.DmsReplicationSubnetGroup(
        scope,
        "replication_subnets",
        replication_subnet_group_id="changes",
        replication_subnet_group_description="changes",
        subnet_ids=subnets,
    )


def _add_source(scope: Any) -> None:
    parameter = aws.rds_cluster_parameter_group.RdsClusterParameterGroupParameter
    parameters = aws.rds_cluster_parameter_group.RdsClusterParameterGroup(
        scope,
        "parameters",
        family="aurora-mysql8.0",
        parameter=[parameter(name="binlog_format", value="ROW")],
    )
    cluster = aws.rds_cluster.RdsCluster(
        scope,
        "Resource",
        engine="aurora-mysql",
        db_cluster_parameter_group_name=parameters.name,
        master_username="dms",
        manage_master_user_password=True,
    )
    for number in (1, 2):
        aws.rds_cluster_instance.RdsClusterInstance(
            scope,
            f"instance_{number}",
            cluster_identifier=cluster.id,
            engine="aurora-mysql",
            instance_class="db.t4g.medium",
        )


def _add_alarms(scope: Any) -> None:
    topic = aws.sns_topic.SnsTopic(scope, "topic")
    for number in range(10):
        aws.cloudwatch_metric_alarm.CloudwatchMetricAlarm(
            scope,
            f"alarm_{number}",
            alarm_name=f"alarm-{number}",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=3,
            namespace="AWS/DMS",
            metric_name="CDCLatencySource",
            dimensions={"ReplicationTaskIdentifier": "changes"},
            period=60,
            statistic="Average",
            threshold=number,
            alarm_actions=[topic.arn],
        )
    aws.cloudwatch_dashboard.CloudwatchDashboard(
        scope, "dashboard", dashboard_name="changes", dashboard_body="{}"
    )


def main(pipelines: int, outdir: str) -> None:
    """Synthesize an app of so many pipelines."""
    app = cdktf.App(outdir=outdir)
    for number in range(pipelines):
        add_pipeline_stack(app, f"pipeline-{number}")
    app.synth()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
