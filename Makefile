# `make help` lists the commands. The first one that needs Python installs it all in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
CLUSTER := $(VENV)/.cluster

# Removes from notebooks what running them leaves: outputs, counts, the values of {eval}
# expressions, what JupyterLab says of Python. Git calls it from the root of the repository.
PYTHON_INFO := codemirror_mode file_extension mimetype nbconvert_exporter pygments_lexer version
STRIP := $(BIN)/nbstripout --keep-id --extra-keys \
  "cell.metadata.user_expressions cell.metadata.trusted $(PYTHON_INFO:%=metadata.language_info.%)"

# In two processes; tests that share what is made once (tests/conftest.py) go to the same one.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help journal test test-fast test-scale lab lint strip bench lock clean hook

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

journal: $(INSTALLED) ## build the journal: journal/JOURNAL.md, journal/site/, images/
	$(BIN)/python build_journal.py

test: $(INSTALLED) ## run the tests, but for those of test-scale
	$(PYTEST) -m "not scale"

test-fast: $(INSTALLED) ## run those that take less than a second, for the inner loop
	$(PYTEST) -m "not slow"

test-scale: $(CLUSTER) ## run the tests of Dask and PostgreSQL, with what they need installed
	$(BIN)/python -m pytest -m scale tests/test_scale.py

lab: $(INSTALLED) ## explore the notebooks in JupyterLab (make lab ARGS="--no-browser --port 8889")
	$(BIN)/python build_journal.py lab $(ARGS)

lint: $(INSTALLED) ## check the code and the notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@left=$$($(STRIP) --verify notebooks/*.ipynb) || { echo "$$left" | \
	  sed 's/^.* stripped \(.*\)/\1: holds outputs, expected none: run `make strip`/'; exit 1; }

strip: $(INSTALLED) ## remove the outputs from the notebooks, as git does by itself on commit
	$(STRIP) notebooks/*.ipynb

bench: $(INSTALLED) ## measure speed and scores: one table (make bench DATA=DIR: on photographs)
	$(BIN)/python benchmarks $(if $(DATA),--data "$(DATA)")

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --no-header

lock: ## pin requirements.in and requirements-cluster.in in their .txt (needs uv)
	$(LOCK) -o requirements.txt requirements.in
	$(LOCK) -o requirements-cluster.txt requirements-cluster.in

clean: ## remove the runs and the built site; the next build runs everything again
	rm -rf runs journal/site

hook:
	@test ! -e .git || git config filter.nbstripout.clean '$(STRIP)' || true

$(INSTALLED): requirements.txt pyproject.toml | hook
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	@echo "Installing in $(VENV): about 2 minutes and 6 GB, once."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(CLUSTER): requirements-cluster.txt $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-cluster.txt
	@touch $@
