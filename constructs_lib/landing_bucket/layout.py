"""How the objects in a landing bucket are named: what Firehose writes and Athena reads."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

TimePartition = Literal["hour", "day", "month"]
FileFormat = Literal["json", "parquet", "orc"]

# Java's DateTimeFormatter, which both Firehose and Athena's partition projection read
_TIME_FORMATS: dict[TimePartition, str] = {
    "hour": "yyyy-MM-dd-HH",
    "day": "yyyy-MM-dd",
    "month": "yyyy-MM",
}


# by the ending Athena tells the compression of JSON:
# https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html
ENDINGS = {"GZIP": ".gz", "HADOOP_SNAPPY": ".snappy"}
"""The compressions of JSON that Athena reads as Firehose writes them, and the ending of each."""

_COMPRESSED_ENDINGS = (
    *(".bz2", ".deflate", ".gz", ".gzip", ".lz4", ".lzo", ".snappy", ".zip", ".zst", ".zstd"),
)


class Unreadable(Enum):
    """Why Athena does not read JSON files as Firehose writes them."""

    COMPRESSION = "it does not read the compression"
    ENDING = "the ending of the names does not tell the compression"
    NO_NEWLINE = "it reads one record from each line, and nothing ends the records"


@dataclass(frozen=True)
class LandingLayout:
    """The names of the objects below `prefix`: `<prefix><key>=<value>/…/arrival_day=<date>/<file>`.

    The date is when Firehose got the oldest record of the object.

    Attributes:
        prefix: Folder of the data, ending in `/`.
        keys: Partition keys taken from the records, in order.
        time: Unit of the date in the path.
        file_format: What the files hold.
        compression: Firehose's compression format of JSON files.
        file_extension: Ending of the files' names; None: the one Firehose has for the compression.
        newline_delimiter: Whether Firehose ends each JSON record with a newline.
        by_table: Whether the keys are `schema_name` and `table_name`, with the table's own names.
        error_folder: Folder of what could not be delivered; empty where it has none of its own.
    """

    prefix: str
    keys: tuple[str, ...] = ()
    time: TimePartition = "day"
    file_format: FileFormat = "json"
    compression: str = "GZIP"
    file_extension: str | None = None
    newline_delimiter: bool = True
    by_table: bool = False
    error_folder: str = ""

    @property
    def time_column(self) -> str:
        """Name of the partition that holds the date: `arrival_day` or alike."""
        return f"arrival_{self.time}"

    @property
    def time_format(self) -> str:
        """The date's pattern, as Java's DateTimeFormatter has it."""
        return _TIME_FORMATS[self.time]

    @property
    def firehose_prefix(self) -> str:
        """The prefix expression for Firehose."""
        keys = [f"{key}=!{{partitionKeyFromQuery:{key}}}/" for key in self.keys]
        return f"{self.prefix}{''.join(keys)}{self.time_column}=!{{timestamp:{self.time_format}}}/"

    @property
    def athena_path(self) -> str:
        """The path below the bucket, with `${…}` for Athena's partition projection to fill in."""
        columns = [*self.keys, self.time_column]
        return self.prefix + "/".join(f"{column}=${{{column}}}" for column in columns)

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """Why a table over the files could not read them; empty where it can.

        Files in columns tell their compression themselves.
        """
        if self.file_format != "json":
            return ()
        found = []
        ending = self.file_extension
        if self.compression != "UNCOMPRESSED" and self.compression not in ENDINGS:
            found.append(Unreadable.COMPRESSION)
        elif ending is not None and (
            ending.endswith(_COMPRESSED_ENDINGS)
            if self.compression == "UNCOMPRESSED"
            else not ending.endswith(ENDINGS[self.compression])
        ):
            found.append(Unreadable.ENDING)
        if not self.newline_delimiter:
            found.append(Unreadable.NO_NEWLINE)
        return tuple(found)
