"""The embedded AWS of these tests."""

from tests.dms_stream.local_aws.conftest import account, aws, client, server, shared_clients

__all__ = ["account", "aws", "client", "server", "shared_clients"]
