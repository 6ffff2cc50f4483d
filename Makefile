# Everything a person or a machine does here starts with a target of this file.
.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/bash

BIN := .venv/bin
VENV := .venv/.synced
LAYER_LOCK := layers/dependencies/requirements.txt
RUNTIME := 3.13
LAYER_PLATFORM := aarch64-manylinux2014
SCENARIOS := $(sort $(wildcard scenarios/*.yaml))
FLAGSHIP := scenarios/flagship.yaml

export UV_CUSTOM_COMPILE_COMMAND := make lock
export SAM_CLI_TELEMETRY := 0

heading = @printf '\n\033[1m== %s ==\033[0m\n' '$(1)'

# The first interpreter on PATH that is new enough; PYTHON=... overrides.
PYTHON ?= $(shell for p in python3 python python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: .venv
.venv: $(VENV)

$(VENV): requirements.lock
	@test -x $(BIN)/uv || { \
		test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed on PATH (or: make PYTHON=/path/to/python3)"; exit 1; }; \
		echo "Installing into .venv ..."; \
		rm -rf .venv && $(PYTHON) -m venv .venv && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(sed -n 's/^\(uv==[^ ]*\).*/\1/p' $<)"; }
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $<
	@touch $@

.PHONY: rehearse
rehearse: $(VENV) ## Watch three releases in a simulated account (reports under out/)
	@$(BIN)/python -m rehearsal run $(FLAGSHIP) --html out

.PHONY: plan
plan: $(VENV) ## Dry run: POLICY=policies/digits.yaml VERSION=2 [LIVE=1] prints the plan and changes nothing
	@$(BIN)/python -m rehearsal plan $(POLICY) --version $(VERSION) $(if $(LIVE),--live $(LIVE))

.PHONY: test
test: $(VENV) ## Run all tests
	$(call heading,Tests)
	@$(BIN)/pytest -q

.PHONY: lint
lint: $(VENV) ## Style, types and CloudFormation lint
	$(call heading,Lint)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	$(call heading,Types)
	@$(BIN)/mypy layers/interlock functions rehearsal tests bench
	$(call heading,CloudFormation lint)
	@$(BIN)/cfn-lint template.yaml

.PHONY: contract
contract: $(VENV)
	$(call heading,Contract: template and state machines and core agree)
	@$(BIN)/pytest -q tests/contract

.PHONY: lock
lock: $(VENV) ## Compile the lock files from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--group dev pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --python-version $(RUNTIME) --python-platform $(LAYER_PLATFORM) --generate-hashes \
		--constraints requirements.lock pyproject.toml --output-file $(LAYER_LOCK)
