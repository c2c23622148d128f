"""How the objects in a landing bucket are named: what Firehose writes and Athena reads."""

from dataclasses import dataclass
from typing import Literal

TimePartition = Literal["hour", "day", "month"]
FileFormat = Literal["json", "parquet", "orc"]

# Java's DateTimeFormatter, which both Firehose and Athena's partition projection read
_TIME_FORMATS: dict[TimePartition, str] = {
    "hour": "yyyy-MM-dd-HH",
    "day": "yyyy-MM-dd",
    "month": "yyyy-MM",
}


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
        by_table: Whether the keys are `schema_name` and `table_name`, with the table's own names.
        error_folder: Folder of what could not be delivered; empty where it has none of its own.
    """

    prefix: str
    keys: tuple[str, ...] = ()
    time: TimePartition = "day"
    file_format: FileFormat = "json"
    compression: str = "GZIP"
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
