"""How DMS connects to the source, and what it writes to the stream."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    model_validator,
)

from constructs_lib.dms.vocabulary import MessageFormat
from constructs_lib.props import Duration, Props, TimeZoneName, whole_seconds

# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html
_SSL = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html"
_PEM_START = "-----BEGIN CERTIFICATE-----"


def _beside_the_settings(path: object, info: ValidationInfo) -> object:
    folder = (info.context or {}).get("folder")
    return Path(folder) / path if folder is not None and isinstance(path, str) else path


def _readable(path: Path | None) -> Path | None:
    if path is None:
        return None
    problem = "there is no such file"
    try:
        if path.is_file():
            with path.open("rb"):
                return path
    except OSError as error:
        problem = error.strerror or "the system refuses it"
    except ValueError:
        problem = "it is not a path"
    raise ValueError(
        f"cannot be read ({problem}): check the path, which counts from the settings file's folder"
    )


class Certificate(Props):
    """The CA certificates that vouch for the source, from a file or already known to DMS."""

    file: Annotated[
        Path | None, BeforeValidator(_beside_the_settings), AfterValidator(_readable)
    ] = None
    """PEM file with one CA certificate or a bundle of them, relative to the settings file, in
    Python to the working directory.
    For Aurora and RDS: https://truststore.pki.rds.amazonaws.com/<region>/<region>-bundle.pem.
    Another content is another certificate of DMS, which takes the old one's place at the endpoint.
    """

    arn: (
        Annotated[
            str, Field(pattern=r"^arn:aws[a-z-]*:dms:[a-z0-9-]+:[0-9]{12}:cert:[A-Za-z0-9-]+$")
        ]
        | None
    ) = None
    """ARN of a certificate that DMS has already."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.file is None) == (self.arn is None):
            raise ValueError("needs exactly one of file and arn")
        if self.file is not None and _PEM_START not in self.pem:
            raise ValueError(
                f"{self.file} holds no PEM certificate (no `{_PEM_START}`), the only format DMS "
                f"takes ({_SSL})"
            )
        return self

    @property
    def pem(self) -> str:
        """The certificates of the file."""
        assert self.file is not None
        return self.file.read_text(encoding="ascii", errors="replace")


class VerifiedTls(Props):
    """TLS that checks who the source is."""

    kind: Literal["verify-ca", "verify-full"]
    """`verify-ca` checks who signed the source's certificate; `verify-full` also that its host name
    is in it, which an address of your own (a CNAME) is not."""

    certificate: Certificate
    """The CA certificates to check with; DMS requires them."""


class NoTls(Props):
    """A connection that is not encrypted."""

    kind: Literal["none"]
    """No TLS: rows and the password's proof cross the network readable. For an emulator or a trial;
    a source that requires TLS (`require_secure_transport`) refuses it."""


SourceTls = Annotated[VerifiedTls | NoTls, Field(discriminator="kind")]
"""`kind: verify-full` or `kind: verify-ca` with its `certificate`, or `kind: none`. DMS has no
`require` for MySQL and Aurora: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html
"""


class SourceEndpointProps(Props):
    """Props of `SourceEndpoint`."""

    tls: SourceTls
    """Encryption of the connection. It has no default: the secure ones need the CA certificates of
    your region's databases, and going without must be your decision."""

    events_poll_interval: Annotated[Duration, whole_seconds(1, 3600)] | None = None
    """How often an idle binary log is looked at, in whole seconds. Default: DMS's, 5 seconds.
    Source: https://docs.aws.amazon.com/dms/latest/APIReference/API_MySQLSettings.html"""

    server_timezone: TimeZoneName | None = None
    """Time zone of the source, for its DATETIMEs, such as `Europe/Zurich`. Default: UTC."""

    pause_replication_tasks: bool = True
    """Whether Terraform stops running tasks, its own or not, to change the endpoint, and starts
    those again. Default: it does; DMS changes no endpoint under a running task. A task may stay
    stopped: DMS tests the connection after a change by itself, and the provider starts no task
    whose connection is being tested
    (https://github.com/hashicorp/terraform-provider-aws/issues/46139). `dms-stream deploy` looks
    afterwards, and starts it."""

    @property
    def extra_connection_attributes(self) -> str | None:
        """What is set, as DMS writes it."""
        interval: timedelta | None = self.events_poll_interval
        given = {
            "eventsPollInterval": None if interval is None else int(interval.total_seconds()),
            "serverTimezone": self.server_timezone,
        }
        return (
            ";".join(f"{key}={value}" for key, value in given.items() if value is not None) or None
        )


class KinesisTargetProps(Props):
    """Props of `KinesisTargetEndpoint`: what the messages on the stream look like.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html
    """

    message_format: MessageFormat = "json-unformatted"
    """`json` (over several lines) or `json-unformatted` (on one). Default: `json-unformatted`, as
    files of one record a line need it. Changing it replaces the endpoint and with it the task,
    which forgets how far it has read; its deletion protection refuses that."""

    use_large_integer_value: bool = True
    """Whether integers beyond 2^53 stay exact; otherwise they become floating-point numbers.
    Default: exact. Needs DMS 3.5.4."""

    include_transaction_details: bool = False
    """Whether messages carry the commit's time, the log position and transaction ids.
    Default: no."""

    include_partition_value: bool = False
    """Whether messages carry the partition value. Default: no."""

    partition_include_schema_table: bool = False
    """Whether schema and table are part of partition values made of primary keys, which spreads
    tables with the same keys over the shards. Default: no."""

    include_table_alter_operations: bool = False
    """Whether control messages tell of changes of the tables. Default: no."""

    include_control_details: bool = False
    """Whether control messages carry details of tables and columns. Default: no."""

    include_null_and_empty: bool = False
    """Whether columns without a value are sent. Default: no, they are left out."""

    pause_replication_tasks: bool = True
    """Whether Terraform stops running tasks, its own or not, to change the endpoint, and starts
    those again. Default: it does; DMS changes no endpoint under a running task. A task may stay
    stopped: DMS tests the connection after a change by itself, and the provider starts no task
    whose connection is being tested
    (https://github.com/hashicorp/terraform-provider-aws/issues/46139). `dms-stream deploy` looks
    afterwards, and starts it."""
