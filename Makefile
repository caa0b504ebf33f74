# FraudGuard. `make run` needs Python 3.11+ and make; everything else it brings itself.
#   make run [PORT=8010] [DETACH=1]   start    make stop        stop the detached one
#   make test / make test-long        tests    make check       lint, format, layers, migrations, deploy check
#   make backup [TO=dir]              back up  make restore FROM=dir [FORCE=1]
#   make audit                        published weaknesses of the pinned packages
#   make lock                         write requirements*.txt from requirements*.in, for the oldest Python
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input
ARGS ?=

.PHONY: audit backup restore run stop venv test test-long check format lock clean
.DEFAULT_GOAL := run

run: venv
	@exec $(PY) -m fraudguard.run $(if $(DETACH),--detach)

stop:
	@if [ -x $(PY) ]; then exec $(PY) -m fraudguard.run --stop; else echo "FraudGuard was not running here."; fi

backup: venv
	@$(PY) manage.py backup $(if $(TO),--to "$(TO)")

restore: venv
	@$(PY) manage.py restore "$(FROM)" $(if $(FORCE),--force)

venv: $(VENV)/.run-stamp

$(VENV)/.run-stamp: requirements.txt
	@sh env/machine.sh "$(PYTHON)" "$(VENV)"
	@echo "Installing packages (about a minute the first time) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.test-stamp: requirements-dev.txt $(VENV)/.run-stamp
	@$(PIP) -r requirements-dev.txt
	@touch $@

test: $(VENV)/.test-stamp
	@$(PY) -m pytest -n 2 $(ARGS)

test-long: $(VENV)/.test-stamp
	@$(PY) -m pytest -m long $(ARGS)

check: $(VENV)/.test-stamp
	@PY=$(PY) sh env/check.sh

audit: $(VENV)/.test-stamp
	@$(PY) env/audit.py requirements.txt requirements-dev.txt

format: $(VENV)/.test-stamp
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format --quiet .

lock: $(VENV)/.test-stamp
	@$(PIP) uv
	@for name in requirements requirements-dev; do \
	  $(PY) -m uv pip compile --quiet --python-version 3.11.0 --no-header --annotation-style line $$name.in -o $$name.txt || exit 1; \
	done

clean: stop
	@rm -rf $(VENV) var
