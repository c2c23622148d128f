"""`dms-stream init`."""
