"""The command line `dms-stream`."""
