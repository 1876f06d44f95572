.DEFAULT_GOAL := help
.PHONY: help env demo test long check bench truth hostile faults simulate soak scale-out audit dictionary down clean
BIN := .venv/bin
WORKERS ?= 2
APART = -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 15 --durations-min 30

help: ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

env: ## Create or update the environment: uv, Python packages, Java, Spark jars
	@sh infra/bootstrap.sh

demo: env ## Start everything and run one national day through Airflow
	@$(BIN)/lienthong demo

test: env ## The tests, real services included, in WORKERS=2 processes, each with a stack of its own
	@$(BIN)/python -m pytest $(APART)

long: env ## The tests that make test leaves out: every guard switched off, restored homes, killed erasures, full disks, large files, the portal
	@$(BIN)/python -m pytest $(APART) -m long

check: env ## Format, lint, types, import contracts, lock
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy dags jobs expectations schemas infra
	@$(BIN)/lint-imports
	@if command -v uv >/dev/null; then uv lock --check --quiet; else .cache/uv/bin/uv lock --check --quiet; fi

bench: env ## Rates and ratios against goals, curl, dlt, JDBC and, where one is kept, the baseline; the stages of a day
	@if command -v uv >/dev/null; then uv sync --quiet --frozen --group bench; else .cache/uv/bin/uv sync --quiet --frozen --group bench; fi
	@rm -rf .lienthong-bench && $(BIN)/python -m tests.bench

truth: env ## What became of every injected fault, by kind, over three seeds
	@rm -rf .lienthong-truth && $(BIN)/python -m tests.truth

hostile: env ## What bombs cost to refuse, and docs/hostile-input.md
	@$(BIN)/python -m tests.hostile docs/hostile-input.md

faults: env ## A seeded schedule of faults against the undisturbed run: SEED=1 COUNT=6
	@$(BIN)/python -m tests.faults --seed $(or $(SEED),1) --count $(or $(COUNT),6)

simulate: env ## Thousands of seeded fault schedules of the protocol, stores in memory: SEED=0 COUNT=10000
	@$(BIN)/python -m tests.simulated --seed $(or $(SEED),0) --count $(or $(COUNT),10000)

soak: env ## 34 provinces over 30 days: memory, tables, files and seconds per day; flat or not
	@$(BIN)/python -m tests.soak

scale-out: env ## The same day on a standalone Spark cluster of two workers: registers must be equal
	@$(BIN)/python -m tests.scale_out

audit: env ## SBOM to build/sbom.cdx.json, and known vulnerabilities of what is locked
	@$(BIN)/python -m infra.audit

dictionary: env ## Write docs/dictionary.md from the contracts and docs/dialects from the mapping files
	@$(BIN)/python -m schemas.derive.datasets docs/dictionary.md
	@$(BIN)/python -m schemas.derive.mappings docs/dialects

down: ## Stop every service of the home
	@$(BIN)/lienthong down

clean: down ## Stop and forget all state
	@rm -rf $${LIENTHONG_HOME:-.lienthong} .lienthong-bench .lienthong-truth .lienthong-faults .lienthong-soak .lienthong-simulated \
		.lienthong-scale-out
