"""A query over what landed in S3: how `dms-stream demo` ends."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from dms_stream.rehearsal.reconciliation import fetch_landed
from dms_stream.rehearsal.result import RehearsalResult

_QUERY = """\
SELECT metadata->>'operation' AS operation,
       count(*) AS records,
       count(DISTINCT data->>'purchase_id') AS purchases,
       sum((data->>'purchase_price')::DECIMAL(12, 2)) AS amount,
       max(metadata->>'timestamp')[12:19] AS latest
FROM read_json({files},
               columns = {{data: 'JSON', metadata: 'JSON'}})
WHERE metadata->>'record-type' = 'data'
GROUP BY ALL
ORDER BY min(metadata->>'timestamp')"""

_NUMBERS = ("records", "purchases", "amount")


def show_query(console: Console, result: RehearsalResult, s3: Any) -> None:
    """Count what landed of the sample's purchases by operation, and show query and answer.

    Args:
        console: Where to write.
        result: A rehearsal of the sample.
        s3: boto3's client.
    """
    keys = {landed.key for landed in result.objects}
    with TemporaryDirectory(prefix="dms-stream-query-") as folder:
        files = fetch_landed(s3, result.bucket, Path(folder), wanted=keys.__contains__)
        with duckdb.connect() as database:
            answer = database.execute(_QUERY.format(files=[str(file.path) for file in files]))
            names = [column[0] for column in answer.description or ()]
            rows = answer.fetchall()
    shown = _QUERY.format(files=f"'s3://{result.bucket}/**'")
    console.print(Syntax(shown, "sql", background_color="default", word_wrap=True))
    table = Table()
    for name in names:
        table.add_column(name, justify="right" if name in _NUMBERS else "left")
    for row in rows:
        table.add_row(*(_text(value) for value in row))
    console.print(table)


def _text(value: object) -> str:
    if value is None:
        return ""  # a delete tells no more than the key
    return value if isinstance(value, str) else f"{value:,}"
