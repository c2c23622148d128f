"""From a row to a record, by the task's table mappings."""
