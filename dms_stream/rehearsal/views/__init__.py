"""The deployed views of what landed, evaluated as Athena would."""
