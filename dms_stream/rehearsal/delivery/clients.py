"""The AWS clients that a delivery works with."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.utils import parse_timestamp

# Kinesis answers with up to 10 MiB, and the emulator takes a while for it on a busy machine
_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=120
)


@dataclass(frozen=True)
class Clients:
    """boto3 clients by service; all of one region."""

    firehose: Any
    kinesis: Any
    s3: Any
    glue: Any
    logs: Any

    @classmethod
    def of(cls, session: boto3.Session, *, endpoint_url: str | None = None) -> "Clients":
        """Clients of a session.

        Args:
            session: Credentials and region.
            endpoint_url: The embedded AWS; None: what the environment says.
        """

        def client(service: str, config: Config = _CONFIG) -> Any:
            return session.client(service, endpoint_url=endpoint_url, config=config)  # type: ignore[call-overload]

        # the embedded AWS has no host name for a bucket
        by_path = _CONFIG.merge(Config(s3={"addressing_style": "path"}))
        return cls(
            firehose=client("firehose"),
            kinesis=client("kinesis"),
            s3=client("s3", by_path),
            glue=client("glue"),
            logs=client("logs"),
        )


def quick_session(**settings: str) -> boto3.Session:
    """A session that reads time stamps without asking for the machine's time zone each time.

    botocore's own parser would spend a third of a delivery's time on the records' arrival times.

    Args:
        settings: Of boto3.Session: credentials and region; none: what the environment says.
    """
    session = botocore.session.Session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_moment)
    return boto3.Session(botocore_session=session, **settings)


def _moment(value: Any) -> datetime:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment: datetime = parse_timestamp(value)
    return moment
