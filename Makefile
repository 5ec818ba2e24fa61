# make run        install what is missing, then talk: on Discord with a token, otherwise in the terminal
# make test       install what is missing, then what a change has to pass: lint, types and tests
#
# make format     write the code as lint wants it
# make lint       style, and who may import whom
# make types      mypy
# make test-fast  the tests that neither train nor start programs (two minutes)
# make test-all   make test with the longer proofs: the wheel in a new environment, host bots, …
# make coverage   make test's tests, and how much of the code they run; fails below the floor
# make bench      measure speed and memory, beside what is asked of them
# make lock       resolve the dependencies anew: requirements/ (torch stands in pyproject.toml alone)
# make help       print this

.PHONY: run test format lint types test-fast test-all coverage bench lock help system-libraries
.DELETE_ON_ERROR:

SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c '$(SUITABLE)' 2>/dev/null && echo $$python && break; done)
PIP := .venv/bin/python -m pip --quiet --disable-pip-version-check
PYTEST := .venv/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal
BENCHMARKS := selfie event_loop words mood memory

run: system-libraries .venv/.product
	@.venv/bin/python -m bot

test: system-libraries lint types
	$(PYTEST)

test-fast: system-libraries .venv/.development
	$(PYTEST) -m "not slow and not long"

test-all: system-libraries lint types
	$(PYTEST) -m ""

coverage: system-libraries .venv/.development
	COVERAGE_ROOT=$(CURDIR) $(PYTEST) --cov --cov-report=term:skip-covered

lint: .venv/.development .names/seollem
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports

format: .venv/.development
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

types: .venv/.development .names/seollem
	.venv/bin/mypy

bench: system-libraries .venv/.development
	@missed=; for name in $(BENCHMARKS); do \
		echo; echo "$$name"; .venv/bin/python tests/benchmarks/$$name.py || missed="$$missed $$name"; \
	done; [ -z "$$missed" ] || { echo "Missed:$$missed" >&2; exit 1; }

LOCK := .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --no-header \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-emit-package torch
lock: .venv/.development
	$(LOCK) --upgrade --all-extras --output-file requirements/development.txt
	$(LOCK) --constraints requirements/development.txt --output-file requirements/product.txt

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

# mypy finds seollem.* through this link.
.names/seollem:
	@mkdir -p .names && ln -s .. $@

# A stamp is younger than what it depends on while the environment holds what is asked for. All
# comes from the lock but torch, whose build for this machine pip finds as it is set up to.
.venv/.product: requirements/product.txt
.venv/.development: requirements/development.txt
.venv/.product .venv/.development: pyproject.toml
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Installing into .venv (1.6 GB; a few minutes the first time) …"
	@$(PIP) install --require-hashes --no-deps --requirement $(filter requirements/%,$^)
	@$(PIP) install --no-build-isolation --editable '.$(if $(findstring development,$@),[$(DEVELOPMENT)])'
	@touch $@
comma := ,
DEVELOPMENT := dev$(comma)postgres$(comma)train$(comma)tune$(comma)onnx

system-libraries:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Seollem needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv)." >&2; \
		exit 1; \
	fi
	@missing=$$($(PYTHON) -m bot.libraries) || exit 1; \
	[ -n "$$missing" ] || exit 0; \
	if ! command -v apt-get >/dev/null; then as=false; \
	elif [ "$$(id -u)" = 0 ]; then as=env; \
	elif sudo -n true 2>/dev/null; then as="sudo env"; \
	else as=false; fi; \
	if [ "$$as" != false ]; then \
		echo "Installing the system packages $$missing …"; \
		$$as DEBIAN_FRONTEND=noninteractive apt-get update -qq && \
		$$as DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $$missing \
			>/dev/null && exit 0; \
	fi; \
	echo "Seollem needs system packages: sudo apt-get install --no-install-recommends $$missing" >&2; \
	exit 1
