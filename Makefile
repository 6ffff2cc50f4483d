# Everything a person or a machine does here starts with a target of this file.
.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/bash

BIN := .venv/bin
VENV := .venv/.synced
ANSWERS := samconfig.local.toml
LAYER_LOCK := layers/dependencies/requirements.txt
RUNTIME := 3.13
LAYER_PLATFORM := aarch64-manylinux2014
SCENARIOS := $(filter-out scenarios/flagship.yaml,$(sort $(wildcard scenarios/*.yaml scenarios/incidents/*.yaml)))
FLAGSHIP := scenarios/flagship.yaml
LOOP := scenarios/loop.yaml

export UV_CUSTOM_COMPILE_COMMAND := make lock
export SAM_CLI_TELEMETRY := 0
# If an environment sets it, every start compiles every module again.
unexport PYTHONDONTWRITEBYTECODE

NODE := $(shell command -v node)
ASL_VALIDATOR := tests/contract/asl-validator
REFERENCE := tests/rehearsal/states/reference

heading = @printf '\n\033[1m== %s ==\033[0m\n' '$(1)'

no_node = @printf '\033[1m!! node is not installed: THIS CHECK DID NOT RUN !!\033[0m\n'

# The first interpreter on PATH that is new enough; PYTHON=... overrides.
PYTHON ?= $(shell for p in python3 python python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: .venv
.venv: $(VENV)
	@:

$(VENV): requirements.lock
	@test -x $(BIN)/uv || { \
		test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed on PATH (or: make PYTHON=/path/to/python3)"; exit 1; }; \
		echo "Installing into .venv, about a minute ..."; \
		rm -rf .venv && $(PYTHON) -m venv .venv && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(sed -n 's/^\(uv==[^ ]*\).*/\1/p' $<)"; }
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode $<
	@touch $@

.PHONY: rehearse
rehearse: $(VENV) ## Watch three releases in a simulated account (reports under out/)
	@$(BIN)/python -m rehearsal run $(FLAGSHIP) --html out

.PHONY: rehearse-loop
rehearse-loop: $(VENV) ## Watch a model drift, be retrained and be replaced, in three simulated days (reports under out/loop)
	@$(BIN)/python -m rehearsal run $(LOOP) --html out/loop

.PHONY: scenario
scenario: NAME ?= flagship
scenario: $(VENV) ## Play one scenario of scenarios/ (NAME=rolling; python -m rehearsal list says what there is)
	@$(BIN)/python -m rehearsal run scenarios/$(NAME).yaml --html out/$(NAME)

.PHONY: check-policy
check-policy: POLICY ?= policies/digits.yaml
check-policy: $(VENV) ## Say what is wrong in a policy, and at which line and column (POLICY=policies/digits.yaml)
	@$(BIN)/python -m rehearsal check-policy $(POLICY)

.PHONY: plan
plan: POLICY ?= policies/digits.yaml
plan: VERSION ?= 1
plan: $(VENV) ## Dry run: print the plan and change nothing (POLICY=policies/digits.yaml VERSION=2 LIVE=1 RPS=2)
	@$(BIN)/python -m rehearsal plan $(POLICY) --version $(VERSION) $(if $(LIVE),--live $(LIVE)) $(if $(RPS),--rps $(RPS))

.PHONY: test
test: $(VENV) ## Run all tests
	$(call heading,Tests)
	@$(BIN)/pytest -q

.PHONY: lint
lint: $(VENV) ## Check style, types and CloudFormation
	$(call heading,Lint)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	$(call heading,Imports: which room may import which)
	@PYTHONPATH=layers/interlock:layers/monitor:. $(BIN)/lint-imports --no-logo
	$(call heading,Types)
	@$(BIN)/mypy layers/interlock layers/monitor functions rehearsal tests bench
	$(call heading,CloudFormation lint)
	@$(BIN)/cfn-lint template.yaml

.PHONY: contract
contract: $(VENV) ## Check that template, state machines and core agree
	$(call heading,Contract: template and state machines and core agree)
	@$(BIN)/pytest -q tests/contract
	$(call heading,Contract: a second opinion by asl-validator)
ifdef NODE
	@$(MAKE) --silent $(ASL_VALIDATOR)/node_modules
	@node $(ASL_VALIDATOR)/validate.js statemachines/*.asl.yaml
else
	$(no_node)
endif

.PHONY: harsh
harsh: $(VENV) ## Play every scenario under the harder answer to each question that AWS leaves open
	$(call heading,Scenarios under the harsh answers)
	@$(BIN)/pytest -q -m harsh

.PHONY: conformance
conformance: $(VENV) ## Compare the interpreter's expressions with the reference implementation (needs node)
	$(call heading,Conformance: expressions in the reference implementation)
ifdef NODE
	@$(MAKE) --silent $(REFERENCE)/node_modules
	@$(BIN)/pytest -q -m conformance
else
	$(no_node)
endif

%/node_modules: %/package-lock.json
	@cd $* && npm ci --silent && touch node_modules

.PHONY: unit
unit: $(VENV)
	$(call heading,Tests and conformance of the expressions)
ifdef NODE
	@$(MAKE) --silent $(REFERENCE)/node_modules
	@$(BIN)/pytest -q tests --ignore tests/contract -m ''
else
	$(no_node)
	@$(BIN)/pytest -q tests --ignore tests/contract
endif

.PHONY: validate
validate: $(VENV) ## Run sam validate --lint
	$(call heading,sam validate)
	@$(BIN)/sam validate --lint

.PHONY: build
build: $(VENV) ## Run sam build (needs no container, no AWS account and not the Python version that is deployed)
	$(call heading,sam build)
	@$(BIN)/sam build

.PHONY: deploy
deploy: $(VENV) ## Build, ask for the parameters and deploy; the answers are kept in samconfig.local.toml, which git ignores
	@$(MAKE) --silent validate build
	@test -e $(ANSWERS) || cp samconfig.toml $(ANSWERS)
	@$(BIN)/sam deploy --guided --config-file $(ANSWERS)

.PHONY: scenarios
scenarios: $(VENV) ## Play every scenario, with its log under out/ (make test plays them too)
	$(call heading,Scenarios)
	@test -n "$(SCENARIOS)" || { echo "no scenarios found"; exit 1; }
	@mkdir -p out; for scenario in $(SCENARIOS); do \
		log=out/$$(basename $$scenario .yaml).log; \
		$(BIN)/python -m rehearsal run $$scenario >$$log 2>&1 \
			&& echo "  held: $$scenario" || { cat $$log; echo "  NOT HELD: $$scenario"; exit 1; }; \
	done

.PHONY: bench
bench: $(VENV) ## Measure how long each function takes to start, and how long the flagship takes
	@$(BIN)/python -m bench.startup
	@$(BIN)/python -m bench.flagship

.PHONY: bench-evidence
bench-evidence: TIMES ?= 2
bench-evidence: $(VENV) ## Compare the judge of evidence with its rivals on the same simulated traffic (five minutes; TIMES=8: more exact)
	@PYTHONPATH=layers/interlock $(BIN)/python -m bench.evidence $(TIMES)

.PHONY: bench-door
bench-door: EVENTS ?= 10000
bench-door: $(VENV) ## Let 10,000 events arrive at once while ten functions may run at a time (ten minutes; EVENTS=1000: fewer)
	@PYTHONPATH=layers/interlock $(BIN)/python -m bench.door $(EVENTS)

.PHONY: bench-monitor
bench-monitor: TIMES ?= 1
bench-monitor: $(VENV) ## Measure the monitor: false alarms, shifts found, a million records (a quarter of an hour; TIMES=0.1: fewer runs)
	@PYTHONPATH=layers/interlock:layers/monitor $(BIN)/python -m bench.monitor $(TIMES)

.PHONY: attack
attack: $(VENV) ## Attack releases in every way we know and print a table (more than half an hour; ATTACK=stops SAMPLE=100: less)
	@$(BIN)/python -m tests.rehearsal.attacks $(ATTACK) $(if $(SAMPLE),--sample $(SAMPLE))

.PHONY: mutate
mutate: ONLY ?= *
mutate: $(VENV) ## Put each of 200 small defects into a copy, and see whether its tests fail (15 minutes; ONLY=core: one table, ONLY=name: one)
	@$(BIN)/python -m tests.mutations '$(ONLY)'

.PHONY: check
check: lint contract unit validate build rehearse rehearse-loop ## Run all checks, the quickest first; CI runs this
	$(call heading,All checks passed)

.PHONY: schema
schema: $(VENV) ## Write the JSON Schemas of policies and scenarios, for editors
	@PYTHONPATH=layers/interlock $(BIN)/python policies/schema.py
	@$(BIN)/python -m rehearsal schema > scenarios/schema.json

.PHONY: lock
lock: $(VENV) ## Compile the lock files from pyproject.toml (UPGRADE=<package> or UPGRADE=all upgrades)
	$(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes $(upgrade) \
		--group dev pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --python-version $(RUNTIME) --python-platform $(LAYER_PLATFORM) --generate-hashes \
		--constraints requirements.lock pyproject.toml --output-file $(LAYER_LOCK) $(upgrade)

upgrade = $(if $(UPGRADE),$(if $(filter all,$(UPGRADE)),--upgrade,--upgrade-package $(UPGRADE)))
