# Everything from nothing: each target installs what it needs first. `make` alone says what there is.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
IN := .venv/bin/

.DEFAULT_GOAL := help
.PHONY: help install run test test-fast check bench lock chromium

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/installed ## make .venv with everything in it, exactly as locked

# The stamp is younger than what it was made from, or it is made again.
.venv/installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (set PYTHON=/path/to/python3)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11"; exit 1; }
	test -x $(IN)python || $(PYTHON) -m venv .venv
	$(IN)python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(IN)python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: install ## serve the demonstration at http://127.0.0.1:8000 (PORT=… for another port)
	$(IN)taksa demo --port $(PORT)

test: install chromium ## all tests, with PostgreSQL and a real browser
	$(IN)python -m pytest -n 2 --dist loadfile

test-fast: install ## tests that need neither PostgreSQL nor a browser, in under half a minute
	$(IN)python -m pytest -q -m "not browser and not postgresql and not slow"

check: install ## lint, formatting, types, import contracts, translations
	$(IN)ruff check
	$(IN)ruff format --check
	$(IN)mypy
	$(IN)lint-imports
	$(IN)python -m service.web.catalogues

bench: install ## measure every budget, as ratios
	$(IN)python -m bench

lock: ## resolve the dependencies anew into requirements.lock (needs uv)
	uv pip compile --quiet --python-version 3.11 --extra dev --generate-hashes --no-header --no-emit-index-url \
		--output-file requirements.lock pyproject.toml

# The browser tests drive the distribution's Chromium; only root may install it.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
		else \
			echo "The browser tests need Chromium: install the package 'chromium', or run 'make test-fast' without them."; exit 1; \
		fi; }
