# Every target is one line of work; the logic lives in Python. `make` alone lists them.
UV_VERSION := 0.13.8
UV := .tools/uv-$(UV_VERSION)/bin/uv
RUN := $(UV) run --frozen --no-sync
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help sync snapshot test matrix lint format types imports golden determinism soak bench reference-data hooks clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

$(UV):
	@echo "fetching uv $(UV_VERSION) into .tools"
	@python3 -m venv .tools/uv-$(UV_VERSION) && .tools/uv-$(UV_VERSION)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

sync: $(UV) ## install the locked environment into .venv
	@$(UV) sync --frozen --compile-bytecode --quiet

snapshot: sync ## write the default snapshot and say how to go on
	@$(RUN) esdh-cli generate-snapshot
	@echo "Next: .venv/bin/esdh-cli --help    (or: source .venv/bin/activate)"

test: sync lint types imports ## run every check and every test on one Python
	$(RUN) pytest

matrix: sync ## run the tests with tox on every Python of this machine, pyenv's included
	PATH="$$PATH:$$(ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/*/bin 2>/dev/null | paste -sd:)" $(RUN) tox run --skip-missing-interpreters=true

lint: sync ## check style
	$(RUN) ruff check .
	$(RUN) ruff format --check .

format: sync ## mend style
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

types: sync ## check types
	$(RUN) mypy packages/esdh-models/src packages/esdh-generator/src packages/esdh-exporters/src packages/esdh-cli/src

imports: sync ## check that imports go one way
	$(RUN) lint-imports

golden: sync ## rewrite the golden digests after a new rules version; review the difference
	$(RUN) python scripts/update_golden_digests.py

determinism: sync ## prove one digest over Pythons, dependencies and circumstances (ARGS="--quick")
	$(RUN) python scripts/determinism_matrix.py $(ARGS)

soak: sync ## break it on purpose, hundreds of times over (15 minutes; ARGS="--quick")
	$(RUN) pytest soak -p no:randomly -s $(ARGS)

bench: $(UV) ## measure speed and memory against floors and rivals (25 minutes; ARGS="--quick")
	UV_PROJECT_ENVIRONMENT=.venv-bench $(UV) run --frozen --no-default-groups --group bench python benchmarks/run.py $(ARGS)

reference-data: $(UV) ## rebuild the reference tables from their sources
	.tools/uv-$(UV_VERSION)/bin/python scripts/build_reference_data.py --inputs .tools/reference_inputs

hooks: sync ## install the pre-commit hooks
	$(RUN) pre-commit install

clean: ## remove environments, caches and snapshots
	rm -rf .venv .venv-bench .bench .tools .tox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache data/snapshots
