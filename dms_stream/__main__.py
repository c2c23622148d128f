"""`python -m dms_stream`: the command line."""

from dms_stream.cli.app import main

main()
