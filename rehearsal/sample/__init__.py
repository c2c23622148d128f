"""A sample database of our own: ticket sales, with invented data."""

from rehearsal.sample.changes import ChangeMix, make_changes
from rehearsal.sample.rows import load_sample
from rehearsal.sample.schema import SCHEMA, TABLES

__all__ = ["SCHEMA", "TABLES", "ChangeMix", "load_sample", "make_changes"]
