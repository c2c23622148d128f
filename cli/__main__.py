"""`python -m cli`, which `pipenv run dms-stream` and the Makefile call."""

from cli.app import main

main()
