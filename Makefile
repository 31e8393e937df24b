# Every command a developer needs; `make` alone lists them. Needs make and Python 3.11 or newer, nothing else.
# PYTHON=/path/to/python chooses the interpreter `.venv` is built with; ARGS="-k name" goes on to the tool.
.DEFAULT_GOAL := help
.PHONY: help setup demo serve check test test-full soak bench lock openapi docs clean
export PYTHON
# Where it is set, every server a test starts compiles all of Muster again: half a second of its 1.6.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := .venv/bin/pytest
# In the order of the directories, long files early: by number of tests the few long ones would come last, one after the other.
SHARED := -n 3 --dist loadfile --no-loadscope-reorder

help: ## list these commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## build .venv, so that .venv/bin/muster works
	@scripts/setup.sh base

demo: ## start a server with a first user and key, upload real data, keep running until Ctrl-C
	@scripts/setup.sh base
	@.venv/bin/muster demo $(ARGS)

serve: ## start the server on port 3000 with the settings of the environment
	@scripts/setup.sh base
	@.venv/bin/muster serve $(ARGS)

check: ## format, lint, types, import contracts, API snapshot, generated docs, lock files, version
	@scripts/setup.sh dev
	@scripts/check.sh

test: check ## the checks, then every test but the long ones
	@$(PYTEST) -m "not soak" $(SHARED) $(ARGS)

test-full: check ## the checks, then every test: the long ones, those on a real S3 server and of probable matches too
	@scripts/setup.sh s3 && scripts/setup.sh identity
	@$(PYTEST) $(SHARED) $(ARGS)
	@.venv-identity/bin/pytest tests/segments/test_probable.py tests/browser/test_identity_pairs.py $(ARGS)

soak: ## only the long tests: hundreds of kills, hours of load
	@scripts/setup.sh dev
	@$(PYTEST) -m soak --timeout 0 $(ARGS)

bench: ## measure ingestion, tables, enrichment, segments and exports against their floors and against plainer tools; write bench/results
	@scripts/setup.sh dev
	@scripts/setup.sh bench
	@failed=0; for what in ingest table enrich segments exports; do .venv/bin/python bench/$$what.py $(ARGS) || failed=1; done; exit $$failed

lock: ## pin requirements/*.txt again from requirements/*.in (needs uv)
	@scripts/lock.sh

openapi: ## write openapi.json from the code
	@scripts/setup.sh dev
	@.venv/bin/python scripts/openapi.py

docs: openapi ## write the generated pages of docs/
	@.venv/bin/python scripts/gen_api.py
	@.venv/bin/python scripts/gen_reference.py
	@.venv/bin/python scripts/provider_accuracy.py

clean: ## remove .venv, caches and build outputs; never data/
	@rm -rf .venv .venv-s3 .venv-bench .venv-identity build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} +
