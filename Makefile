# Two commands matter on a bare machine: make demo, make test. Everything else serves them.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all check bench lock
BIN = .venv/bin
COMPILE = .tools/bin/uv pip compile pyproject.toml --universal --python-version 3.12 --generate-hashes --no-header --quiet

help:
	@echo "make demo      set up, fill the invented company, serve it on 127.0.0.1:8000"
	@echo "make test      set up and run the tests (the usual ones, about 6 minutes on two cores)"
	@echo "make test-all  run every test: browser, PostgreSQL, slow ones"
	@echo "make check     format, lint, types, house order"
	@echo "make bench     measure speed beside the named peers"
	@echo "make lock      resolve the requirement files again"

setup: .venv/.base

.venv/.base: requirements/base.txt pyproject.toml scripts/bootstrap.sh
	@if [ -f .venv/.dev ]; then touch $@; else sh scripts/bootstrap.sh base; fi

.venv/.dev: requirements/dev.txt pyproject.toml scripts/bootstrap.sh
	@sh scripts/bootstrap.sh dev && touch .venv/.base

demo: setup
	@$(BIN)/hedef --home demo-home demo --serve

test: .venv/.dev
	$(BIN)/pytest -n auto -m "not slow and not browser and not postgres"

test-all: .venv/.dev
	$(BIN)/pytest -n 2 -m "slow or browser"
	sh scripts/with_postgres.sh $(BIN)/pytest -n 2 -m "(database or postgres) and not slow and not browser"

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev
	sh scripts/with_postgres.sh $(BIN)/python -m benchmarks

lock:
	@sh scripts/bootstrap.sh tools
	$(COMPILE) --group build -o requirements/base.txt
	$(COMPILE) --group build --group dev --all-extras -c requirements/base.txt -o requirements/dev.txt
