# What a newcomer types. `make demo` shows EchoDesk at work, `make test` checks it; both make their own .venv.
PYTHON ?= python3
BIN := .venv/bin
# Where bytecode is not kept, every program that a test starts compiles Gradio and PyTorch anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test slow long lint style unused types unit docs lock lowest
.DEFAULT_GOAL := help

help:
	@echo "make demo    make the environment, read 60 synthetic reports, open the review page"
	@echo "make test    install what the tests need; run the linter, the type checker and the tests"
	@echo "make slow    the longer tests, after make test"
	@echo "make long    experiments, soaks and thousands of kills: hours"
	@echo "make lint types unit    one of them alone, in the environment make test made"
	@echo "make docs    write docs/commands.md and docs/modules.md anew from the code"
	@echo "make lowest  tests with the lowest versions that pyproject.toml allows"
	@echo "make lock    resolve the dependencies anew into the two lock files"

# Test processes; one more than two cores, because tests wait for servers and browsers: make test WORKERS=2
WORKERS ?= 3
# A file's tests stay in one process, because they share what the file makes once: a model, a desk, a page.
SPREAD := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# More arguments: make demo ARGS="--no-serve --patients 20"
demo:
	@$(PYTHON) -m pipeline.setup.prepare $(if $(findstring --train,$(ARGS)),train,demo)
	@$(BIN)/echodesk demo $(ARGS)

# What is quick to say comes first; then what keeps one core busy stands beside the tests, which wait now
# and then.
test: prepared style
	@$(MAKE) --no-print-directory -j2 checked unit

.PHONY: prepared
prepared:
	@$(PYTHON) -m pipeline.setup.prepare test

lint: style unused

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

UNUSED := $(BIN)/vulture --min-confidence 80 db labeling pipeline review_ui
TYPES := $(BIN)/mypy

unused:
	$(UNUSED)

types:
	$(TYPES)

# One after the other, beside the tests.
.PHONY: checked
checked:
	$(UNUSED)
	$(TYPES)

# Several processes on few cores: threads within each would only wait for one another, and busily.
unit slow long: export OMP_NUM_THREADS = 1
unit slow long: export OPENBLAS_NUM_THREADS = 1

unit: $(BIN)/compiled
	$(BIN)/python -m pytest -q --durations=40 $(SPREAD) $(ARGS)

# What the tests import, compiled by one process: several that start together would each compile all of it.
$(BIN)/compiled: requirements-all.lock
	@$(BIN)/python -m pytest -q --collect-only -n 0 > /dev/null 2>&1 || true
	@touch $@

slow: prepared
	$(BIN)/python -m pytest -q --durations=40 $(SPREAD) -m "slow and not long" $(ARGS)

long: prepared
	$(BIN)/python -m pytest -q --durations=40 $(SPREAD) -m long $(ARGS)

docs:
	$(BIN)/python -m pipeline.setup.reference

# The light lock is held to the versions of the full one, so that one environment serves both.
LOCKING := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header
lock:
	$(LOCKING) --all-extras pyproject.toml -o requirements-all.lock
	$(LOCKING) -c requirements-all.lock pyproject.toml -o requirements.lock

# What needs no optional set and no reference implementation: taking in, reading, the desk, the store.
LOWEST := build/lowest
LOWEST_TESTS := db/store db/tables db/queue labeling/apart labeling/extraction labeling/intake labeling/rules \
	labeling/trust labeling/pages/test_pages.py labeling/words/test_rapid_ocr.py labeling/words/test_ocr.py \
	review_ui/desk review_ui/door review_ui/leads review_ui/work pipeline/imaging/test_photo_file.py
lowest: prepared
	$(BIN)/uv venv --quiet --clear --python 3.11 $(LOWEST)
	$(BIN)/uv pip compile --quiet --python-version 3.11 --resolution lowest-direct pyproject.toml -o $(LOWEST)/asked
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python -r $(LOWEST)/asked
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python -c $(LOWEST)/asked \
		axe-playwright-python hypothesis playwright "psycopg[binary]" pytest pytest-xdist
	$(LOWEST)/bin/python -m pytest -q -p no:cacheprovider $(SPREAD) $(addprefix tests/,$(LOWEST_TESTS)) $(ARGS)
