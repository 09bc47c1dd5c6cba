# Every target is one line of work; the logic lives in Python. `make` alone lists them.
PROFILE := baseline
PACKAGES := models generator exporters cli api
COMMA := ,
SPACE := $(subst x,,x x)
UV_VERSION := 0.13.8
UV := .tools/uv-$(UV_VERSION)/bin/uv
RUN := $(UV) run --frozen --no-sync
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help sync snapshot test matrix lint format types imports golden determinism pilot-metrics soak breaks bench reference-data hooks clean
.PHONY: lock-check integration isolated lowest wheels release-check snapshot-check workflows
.PHONY: cli-goldens cli-reference validate critic
.PHONY: doctor demo demo-gate demo-smoke demo-validate demo-samples demo-stop demo-clean demo-profile-info browser

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

test: sync browser lint types imports ## run every check and every test on one Python
	$(RUN) pytest --numprocesses=2 --dist=loadfile

browser:
	@bash scripts/install_chromium.sh

matrix: sync ## run the tests with tox on every Python of this machine, pyenv's included
	PATH="$$PATH:$$(ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/*/bin 2>/dev/null | paste -sd:)" $(RUN) tox run --skip-missing-interpreters=true

lint: sync ## check style
	$(RUN) ruff check .
	$(RUN) ruff format --check .

format: sync ## mend style
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

types: sync ## check types
	$(RUN) mypy packages/esdh-models/src packages/esdh-generator/src packages/esdh-exporters/src packages/esdh-cli/src packages/esdh-api/src

imports: sync ## check that imports go one way
	$(RUN) lint-imports

golden: sync ## rewrite the golden digests after a new rules version; review the difference
	$(RUN) python scripts/update_golden_digests.py

determinism: sync ## prove one digest over Pythons, dependencies and circumstances (ARGS="--quick")
	$(RUN) python scripts/determinism_matrix.py $(ARGS)

pilot-metrics: sync ## measure reproducibility and flakes of the demo gate (45 minutes; ARGS="--runs 2")
	@$(RUN) python scripts/pilot_metrics.py $(ARGS)

soak: sync ## break it on purpose, hundreds of times over (15 minutes; ARGS="--quick")
	$(RUN) pytest soak -p no:randomly -s $(ARGS)

breaks: sync ## break checks on purpose, one at a time, and see that tests go red (5 minutes)
	$(RUN) python scripts/break_the_checkers.py

bench: $(UV) ## measure speed and memory against floors and rivals (25 minutes; ARGS="--quick")
	UV_PROJECT_ENVIRONMENT=.venv-bench $(UV) run --frozen --no-default-groups --group bench python benchmarks/run.py $(ARGS)

reference-data: $(UV) ## rebuild the reference tables from their sources
	.tools/uv-$(UV_VERSION)/bin/python scripts/build_reference_data.py --inputs .tools/reference_inputs

lock-check: $(UV) ## check that uv.lock is what the pyproject files ask for
	$(UV) lock --check

integration: sync browser ## run the tests that need several packages
	$(RUN) pytest tests-integration

isolated: sync ## test each package with nothing but what it declares (PYTHON=3.13)
	$(RUN) tox run --skip-missing-interpreters=false -e $(subst $(SPACE),$(COMMA),$(PACKAGES:%=py$(subst .,,$(PYTHON))-%))

lowest: sync ## test all packages with the oldest direct dependencies that they admit
	$(RUN) tox run --skip-missing-interpreters=false -e lowest

wheels: sync ## build all wheels, install them together in a clean environment, test them there
	@$(RUN) python scripts/release_check.py

release-check: sync ## rehearse a release (PACKAGE=esdh-models, or TAG=esdh-models-v0.1.0; DIST=dist keeps it)
	@$(RUN) python scripts/release_check.py $(if $(value TAG),--tag "$$TAG",$(or $(PACKAGE),$(error say PACKAGE=esdh-models or TAG=esdh-models-v0.1.0))) $(if $(DIST),--dist $(DIST))

snapshot-check: sync ## prove the default snapshot: made again, and held against its contract
	@$(RUN) esdh-cli verify-snapshot --regenerate
	@$(RUN) esdh-cli validate-snapshot

workflows: sync ## check .github: schema, what could be abused, and that its targets exist here
	$(RUN) pytest -q tests-integration/test_workflows.py

cli-goldens: sync ## rewrite what every command prints; review the difference
	@$(RUN) python scripts/update_cli_goldens.py

cli-reference: sync ## rewrite docs/cli.md from the commands (ARGS="--check" compares only)
	@$(RUN) python scripts/generate_cli_reference.py $(ARGS)

validate: sync ## run the validators: programs that hold each part against its promises
	@$(RUN) python agentic/validators/run_all.py

critic: sync ## run the machine-checkable items of the critics' checklists
	@$(RUN) python agentic/critic/run_critic.py

doctor: sync ## look at everything that a demo needs
	@$(RUN) python scripts/doctor.py

demo: sync ## run the demo (PROFILE=baseline, ARGS="--interactive")
	@$(RUN) python scripts/run_demo_flow.py --profile $(PROFILE) $(ARGS)

demo-gate: sync demo-validate demo-smoke ## what must pass before a demo: checks, quick tests, the demo by one process and by two
	@$(RUN) python scripts/run_demo_flow.py --profile baseline --skip-smoke --workers 1
	@$(RUN) python scripts/run_demo_flow.py --profile gate --skip-smoke --workers 2

demo-smoke: sync ## run the quick tests; more than a minute of work is a failure
	@$(RUN) python scripts/smoke_tests.py

demo-validate: sync ## check configuration, machine and canned samples
	@$(RUN) python scripts/doctor.py
	@$(RUN) python scripts/make_demo_samples.py --check

demo-samples: sync ## rewrite the canned samples; review the difference
	@$(RUN) python scripts/make_demo_samples.py

demo-stop: sync ## end the service that a killed demo left behind
	@$(RUN) python scripts/run_demo_flow.py --stop

demo-clean: demo-stop ## remove all runs of the demo
	rm -rf data/demo_runs

demo-profile-info: sync ## show the profiles of the demo
	@$(RUN) python scripts/run_demo_flow.py --info

hooks: sync ## install the pre-commit hooks
	$(RUN) pre-commit install

clean: ## remove environments, caches and snapshots
	rm -rf .agentic_reports.json .venv .venv-bench .bench .tools .tox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache data/snapshots data/demo_runs
