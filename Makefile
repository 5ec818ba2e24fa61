# make run   install what is missing, then talk: on Discord with a token, otherwise in the terminal
# make test  install what is missing, then lint, types, import rules and tests

.PHONY: run test system-libraries
.DELETE_ON_ERROR:

SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c '$(SUITABLE)' 2>/dev/null && echo $$python && break; done)
PIP := .venv/bin/python -m pip --quiet --disable-pip-version-check

run: system-libraries .venv/.product
	@.venv/bin/python -m bot

test: system-libraries .venv/.development .names/seollem
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

# mypy finds seollem.* through this link.
.names/seollem:
	@mkdir -p .names && ln -s .. $@

# The stamps are younger than pyproject.toml while the environment holds what it asks for.
.venv/.product .venv/.development: pyproject.toml
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Installing into .venv (1.6 GB; a few minutes the first time) …"
	@$(PIP) install --editable '.$(if $(findstring development,$@),[$(DEVELOPMENT)])'
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
