# Every target sets up what it needs; `make setup` does only that.
PYTHON ?= python3
ENV ?=
RUN := .venv/bin/python -m
CLI := $(RUN) dms_stream
READY := .tools/ready
# the tests start hundreds of processes, which need not compile the same modules again
export PYTHONDONTWRITEBYTECODE :=
# without ENV the environment is the one cdktf.json names
ENVIRONMENT := $(if $(ENV),--env $(ENV))

.PHONY: help setup demo test cdktn unit mutants pythons check synth plan review deploy destroy schema docs day docs-site bench lock clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## install everything below this folder

$(READY): Pipfile.lock package-lock.json scripts/set_up.py scripts/requirements/pipenv.txt
	@$(PYTHON) scripts/set_up.py
	@touch $@

demo: setup  ## deploy everything onto the embedded AWS and show it (KEEP=1 leaves it up)
	@$(CLI) demo $(if $(KEEP),--keep)

test: setup  ## every test, deployments and those with a real database included
	@$(PYTHON) scripts/set_up.py checkov cfn-lint docs iam-simulate
	@# deployments mostly wait: more workers than cores let them wait side by side, from the start;
	@# still more of them start more servers, and take longer
	@$(RUN) pytest -n 6 --dist loadfile --no-loadscope-reorder

cdktn: setup  ## the same stacks from CDKTF's continuation, in an environment of its own (0.5 GB)
	@$(PYTHON) scripts/set_up.py cdktn
	@$(RUN) pytest tests/stacks/test_cdktn.py

unit: setup  ## the fast tests
	@$(RUN) pytest -n 2 --dist loadfile -m "not slow and not plan and not deploy and not rehearsal"

mutants: setup  ## small changes of the code that no test notices, sampled in ten minutes (SEED=1)
	@$(PYTHON) scripts/set_up.py mutants
	@.tools/mutants/bin/python scripts/mutants.py $(if $(SEED),--seed $(SEED))

pythons: setup  ## the fast tests on every declared Python that is installed
	@$(PYTHON) scripts/each_python.py

check: setup  ## format, lint, types
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy

synth: setup  ## write an environment's Terraform JSON (ENV=…)
	@$(CLI) synth $(ENVIRONMENT)

plan: setup  ## show what a deployment would change (ENV=…)
	@$(CLI) plan $(ENVIRONMENT)

review: setup  ## say what a deployment would do to the data (ENV=…)
	@$(CLI) review $(ENVIRONMENT)

deploy: setup  ## deploy an environment (ENV=…)
	@$(CLI) deploy $(ENVIRONMENT)

destroy: setup  ## destroy an environment's pipelines (ENV=…)
	@$(CLI) destroy $(ENVIRONMENT)

docs: setup  ## regenerate the settings' schema, the references and the picture
	@$(CLI) docs

day: setup  ## live the day of docs/a-day.md on an embedded AWS, and write the page
	@$(RUN) tests.support.a_day

docs-site:  ## build the documentation into site/; a broken link fails
	@$(PYTHON) scripts/set_up.py docs
	@# not with --quiet: strict then misses the warnings
	@NO_MKDOCS_2_WARNING=1 .tools/docs/bin/mkdocs build --strict
	@echo "site/index.html is built; with search: $(PYTHON) -m http.server --bind 127.0.0.1 --directory site"

bench: setup  ## measure synth beside stock cdktf and aws-cdk-lib, the commands, the rehearsal and its parts
	@$(RUN) benchmarks.synth
	@$(RUN) benchmarks.commands
	@$(RUN) benchmarks.rehearsal
	@$(RUN) benchmarks.delivery
	@$(RUN) benchmarks.reconciliation

lock:  ## resolve Pipfile and package.json anew
	@$(PYTHON) scripts/lock.py

clean:  ## stop the embedded AWS, remove all that was installed or generated
	@[ ! -x .venv/bin/python ] || $(CLI) local-aws stop
	rm -rf .local-aws .venv .tools node_modules cdktf.out site .pytest_cache .mypy_cache .ruff_cache .hypothesis
