"""What exists in an account before Terraform runs, created through the API."""

from dms_stream.local_aws.clients import client
from dms_stream.local_aws.isolation import REGION

TICKETS_SNAPSHOT = "tickets-mysql"
"""The cluster snapshot of the sample database that the tickets pipeline starts from."""


def seed_snapshot(
    url: str,
    snapshot_identifier: str = TICKETS_SNAPSHOT,
    *,
    engine_version: str = "8.0.mysql_aurora.3.10.4",
    database_name: str = "dms_sample",
    region: str = REGION,
) -> str:
    """Make an encrypted Aurora MySQL cluster snapshot of a cluster that no longer exists.

    Args:
        url: The embedded AWS's address.
        snapshot_identifier: Name to restore it by.
        engine_version: Version of the cluster it was taken from.
        database_name: Database in it.
        region: Region it lies in.

    Returns:
        Its ARN.
    """
    rds = client("rds", url, region=region)
    cluster = f"origin-of-{snapshot_identifier}"[:63].rstrip("-")
    rds.create_db_cluster(
        DBClusterIdentifier=cluster,
        Engine="aurora-mysql",
        EngineVersion=engine_version,
        DatabaseName=database_name,
        MasterUsername="admin",
        ManageMasterUserPassword=True,
        StorageEncrypted=True,
    )
    snapshot = rds.create_db_cluster_snapshot(
        DBClusterSnapshotIdentifier=snapshot_identifier, DBClusterIdentifier=cluster
    )
    rds.delete_db_cluster(DBClusterIdentifier=cluster, SkipFinalSnapshot=True)
    return str(snapshot["DBClusterSnapshot"]["DBClusterSnapshotArn"])
