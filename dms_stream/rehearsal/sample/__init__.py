"""A sample database of our own: ticket sales, with invented data."""

from dms_stream.rehearsal.sample.changes import ChangeMix, make_changes
from dms_stream.rehearsal.sample.names import SampleNames, names_for
from dms_stream.rehearsal.sample.rows import load_sample, loaded_purchases
from dms_stream.rehearsal.sample.schema import SCHEMA, TABLES

__all__ = [
    "SCHEMA",
    "TABLES",
    "ChangeMix",
    "SampleNames",
    "load_sample",
    "loaded_purchases",
    "make_changes",
    "names_for",
]
