"""From a row to a record: what the task's table mappings make of it."""
