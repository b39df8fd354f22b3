# Steward's commands. `make up` and `make test` are all that most people need.

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
UV     := $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps
CODE   := schemas policy tasks flows portal deployments tests benchmarks

# What the tests take from Debian: a real mail server beside the one in the wheels, and a browser.
DEBIAN := exim4-daemon-light chromium nginx-light

.DEFAULT_GOAL := help
.PHONY: help up test test-release test-fast check style types format bench lock texts outdated debian picture clean

help:
	@echo "make up      install, start everything here, and stay until Ctrl-C"
	@echo "make test    install, check, and run every test"
	@echo "make test-release  all of it in full, before a release"
	@echo "make test-fast  the tests that need no server, in under three minutes"
	@echo "make check   style, types and layers only"
	@echo "make bench   measure, and print the tables of docs/benchmarks.md"
	@echo "make lock    write requirements.lock anew from pyproject.toml"
	@echo "make texts   bring the catalogues up to the code, and say what is to be translated"
	@echo "make outdated  what in the lock has a newer version, and which cap holds it"
	@echo "make picture take the pictures of docs/ from a running stack"
	@echo "make clean   remove what was installed (not the data in .steward)"

up: $(STAMP)
	@exec $(BIN)/steward up

check: style types

style: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(STAMP)
	$(BIN)/mypy

# Three at once, also on two processors: the tests of the stack mostly wait for it. Types are checked beside them,
# and what they say comes last: alone they would keep one processor idle for a minute.
test: $(STAMP) style debian
	@said=$$(mktemp); $(BIN)/mypy >"$$said" 2>&1 & types=$$!; \
		$(BIN)/pytest -n 3 --dist loadgroup; tests=$$?; \
		wait $$types; typed=$$?; cat "$$said"; rm -f "$$said"; \
		[ $$tests = 0 ] && [ $$typed = 0 ]

# Before a release: every story on both databases, every night of the year, every death of the worker.
test-release: $(STAMP) debian
	$(BIN)/pytest -n 3 --dist loadgroup --release

test-fast: $(STAMP)
	$(BIN)/pytest -n 2 -m fast

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)
	$(BIN)/python -m benchmarks

lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra machines --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock

texts: $(STAMP)
	$(BIN)/python -m deployments.texts

outdated: $(STAMP)
	@$(BIN)/python -m deployments.outdated

picture: $(STAMP)
	$(BIN)/python docs/make_picture.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# Packages of the operating system that tests need, only when one is missing and we may install it.
debian:
	@missing=""; for package in $(DEBIAN); do \
		dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
		if ! command -v apt-get >/dev/null || [ "$$(id -u)" != 0 ]; then \
			echo "These tests need$$missing: install with  sudo apt-get install$$missing" >&2; exit 1; fi; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	fi

# The stamp is written last: an install that was cut off is done again, and one that stands is not.
# uv, which the lock has too, installs the rest side by side: pip takes one package after the other. It knows no
# settings of pip's, so where it can't reach the packages pip fetches them as it is told to.
$(STAMP): requirements.lock pyproject.toml | $(BIN)/python
	@awk '/^[^ #]/ { is_uv = /^uv==/ } is_uv' requirements.lock >$(VENV)/uv.lock
	$(PIP) --require-hashes -r $(VENV)/uv.lock
	$(UV) --require-hashes -r requirements.lock || \
		{ echo "uv did not install: pip does it, which takes longer."; $(PIP) --require-hashes -r requirements.lock; }
	$(PIP) --no-build-isolation -e .
	@$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib $(wildcard schemas policy tasks flows portal deployments) || true
	@touch $@

$(BIN)/python:
	@deployments/find-python | { read -r python && echo "Steward uses $$($$python --version) ($$python)" && \
		$$python -m venv --clear $(VENV); }
