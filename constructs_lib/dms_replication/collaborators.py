"""What a replication needs of its network, its source and the account."""

from collections.abc import Sequence
from typing import Any, Protocol

from constructs_lib.dms_account_roles import IDmsAccountRoles
from constructs_lib.iam import Grant, IRole

__all__ = ["IDmsAccountRoles", "INetwork", "ISource"]


class INetwork(Protocol):
    """Where the replication runs."""

    @property
    def subnet_ids(self) -> Sequence[str]:
        """Subnets in at least two availability zones."""

    @property
    def replication_security_group_id(self) -> str:
        """Security group that may reach the source and AWS's services."""

    @property
    def dependencies(self) -> Sequence[Any]:
        """What must exist before anything runs in the network: routes, VPC endpoints, rules."""


class ISource(Protocol):
    """The database the changes come from."""

    @property
    def engine_name(self) -> str:
        """DMS's name of the engine: `aurora`, `mysql` or `mariadb`."""

    @property
    def secret_arn(self) -> str:
        """ARN of the secret with `username`, `password`, `host` and `port`."""

    @property
    def tls_required(self) -> bool:
        """Whether it refuses connections without TLS."""

    @property
    def dependencies(self) -> Sequence[Any]:
        """What must exist before DMS connects: the writer, the secret's value."""

    def grant_read_credentials(self, role: IRole) -> Grant:
        """Let `role` read the secret, its key included."""
