"""The task: full load, then changes, onto the stream."""
