# Each of these works on a machine with python3 (3.11 or later), make and a package index:
# whatever else is needed is put into .venv first, once.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
UV := $(VENV)/bin/uv

# What uv says, without its list of all packages; on a terminal each download takes the place of the one before.
BRIEFLY = { if [ -t 1 ]; then over='\r\033[2K'; else over=; fi; while IFS= read -r line; do case "$$line" in \
	' + '*|' - '*|' ~ '*) ;; \
	*Download*) [ -z "$$over" ] || printf "$$over  %s" "$${line\# }" ;; \
	*) printf "$$over  %s\n" "$$line" ;; esac; done; }

# The environment is ready when this file exists. Its name is a digest of all that went into it.
DIGEST := $(shell { cat requirements.lock pyproject.toml; pwd; $(PYTHON) -V; } 2>&1 | cksum | tr ' ' '-')
READY := $(VENV)/ready-$(DIGEST)

# Debian's PostgreSQL 15, where there is one: the oldest that is supported. The wall is tested there too.
OLDEST := $(wildcard /usr/lib/postgresql/15/bin)

.PHONY: help demo demo-reset run test check bench prove pictures lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## the demonstration on http://localhost:8000 (PORT=9000 changes the port); keeps its data
	@exec $(RUN) -m contingent demo

demo-reset: $(READY) ## the same, from the beginning
	@exec $(RUN) -m contingent demo --reset

run: $(READY) ## the real thing, without demonstration data, on DATABASE_URL or an embedded server
	@exec $(RUN) -m contingent serve

test: $(READY) ## all tests
	@exec $(RUN) -m tests.running $(if $(OLDEST),--oldest $(OLDEST))

check: $(READY) ## style, types, import directions and the rules about the code
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m pytest tests/contracts

bench: $(READY) ## the figures, into benchmarks/results.json
	@exec $(RUN) -m benchmarks

prove: $(READY) ## all pairs, broken builds that the suite must notice, long models: hours, not minutes
	$(RUN) -m pytest -n 2 --dist loadgroup -m prove

pictures: $(READY) ## take the README's pictures, while `make demo` runs in another terminal
	@exec $(RUN) -m tests.pictures

lock: $(READY) ## resolve requirements.lock again (UPGRADE=1: to the newest releases)
	$(UV) pip compile -q $(if $(UPGRADE),--upgrade) --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-index-url --custom-compile-command 'make lock' -o requirements.lock pyproject.toml

clean: ## remove what was built, and keep var/
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv comes from the lock like everything else, with its hashes; only the first copy of it is put there by pip.
# An index that is configured for pip is meant for uv as well.
$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Contingent needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) -V 2>&1 || true)."; \
		echo "Install one (Debian, Ubuntu: apt install python3 python3-venv) or name one: make demo PYTHON=python3.12"; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make virtual environments. Debian, Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Preparing .venv from requirements.lock (once, about half a minute) …"
	@[ "$$($(RUN) -V 2>/dev/null)" = "$$($(PYTHON) -V)" ] || $(PYTHON) -m venv --clear $(VENV)
	@[ -x $(UV) ] || { echo "  uv, which installs the rest …"; \
		sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.txt && \
		$(RUN) -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.txt; }
	@index=$$($(RUN) -m pip config get global.index-url 2>/dev/null); \
		[ -z "$$index" ] || export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; \
		{ $(UV) pip sync --python $(RUN) --require-hashes --compile-bytecode requirements.lock && \
		$(UV) pip install -q --python $(RUN) --no-deps --no-build-isolation -e . && \
		rm -f $(VENV)/ready-* && touch $@; } 2>&1 | $(BRIEFLY)
	@[ -e $@ ] || { echo "The packages could not be installed; the lines above say why. Then: make $(MAKECMDGOALS)"; exit 1; }
