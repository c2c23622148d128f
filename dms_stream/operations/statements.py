"""Running SQL on a source: through the RDS Data API, or over a connection of its own.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from dms_stream.operations.errors import OperationError

if TYPE_CHECKING:
    from dms_stream.rehearsal.source.database import DatabaseAddress


class Statements(Protocol):
    """Where statements are run.

    Attributes:
        where: What messages call it.
        user: As whom.
    """

    where: str
    user: str

    def run(self, sql: str, *, secret: str = "") -> list[tuple[Any, ...]]:
        """Run a statement and return its rows.

        Args:
            sql: The statement.
            secret: A password in it, which no message shows.

        Raises:
            OperationError: the server refuses it.
        """


class DataApi:
    """The RDS Data API of a cluster, as its master user.

    Args:
        rds_data: boto3's client.
        cluster_arn: The cluster.
        secret_arn: Secret of its master user.
        user: Its name.
    """

    def __init__(self, rds_data: Any, cluster_arn: str, secret_arn: str, user: str) -> None:
        self._client, self._cluster_arn, self._secret_arn = rds_data, cluster_arn, secret_arn
        self.where = f"the cluster {cluster_arn.rpartition(':')[2]} (RDS Data API)"
        self.user = user

    def run(self, sql: str, *, secret: str = "") -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        try:
            answer = self._client.execute_statement(
                resourceArn=self._cluster_arn,
                secretArn=self._secret_arn,
                sql=sql,
                # a statement that changes accounts is not cut off in the middle
                continueAfterTimeout=True,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in (
                "BadRequestException",
                "DatabaseErrorException",
            ):
                raise
            said = error.response["Error"]["Message"]
            raise _refused(self.where, sql, said, secret) from None
        return [tuple(_value(field) for field in row) for row in answer.get("records", [])]


def _value(field: dict[str, Any]) -> Any:
    return None if field.get("isNull") else next(iter(field.values()), None)


class Session:
    """A connection to a database.

    Args:
        connection: As `dms_stream.rehearsal.source.database.connected` gives it.
        address: Where it leads.
    """

    def __init__(self, connection: Any, address: "DatabaseAddress") -> None:
        self.connection = connection
        self.where, self.user = str(address), address.user

    def run(self, sql: str, *, secret: str = "") -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        import pymysql  # of the extra `rehearsal`, which the Data API does without

        try:
            with self.connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())
        except pymysql.MySQLError as error:
            said = str(error.args[-1] if error.args else error)
            raise _refused(self.where, sql, said, secret) from None


@contextmanager
def session(address: "DatabaseAddress") -> Iterator[Session]:
    """A session for as long as the block lasts.

    Raises:
        SourceError: nothing answers, or the login is refused.
    """
    from dms_stream.rehearsal.source.database import connected

    with connected(address) as connection:
        yield Session(connection, address)


def _refused(where: str, sql: str, said: str, secret: str) -> OperationError:
    text = f"{where} refuses `{sql}`: {said}"
    if "rds_set_configuration" in sql and "does not exist" in said:
        text += ": it is no server of RDS: set source.managed_by_rds to false in the settings"
    # a server repeats what it does not understand
    return OperationError(text.replace(secret, "<password>") if secret else text)
