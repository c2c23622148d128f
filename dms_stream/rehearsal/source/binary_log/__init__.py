"""The source's binary log, read so that its rows are those that a SELECT gives."""
