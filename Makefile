# make demo: set up, then two arms follow an instruction.   make test: set up, check, test.

INSTRUCTION ?= hand over the red cube
POLICY ?= policies/checkpoints/aloha2
ROBOT ?= sim:aloha2
OUT ?= runs/demo
WORKERS ?= 2

.PHONY: help demo setup test check bench format clean

help:
	@echo "make demo    set up (first time: some minutes), then run \"$(INSTRUCTION)\" on $(ROBOT)"
	@echo "make test    set up and run checks and tests"
	@echo "make check   formatting, lint, types, import rules, generated protocol code"
	@echo "make bench   measure speeds and latencies on this machine (minutes)"
	@echo "make format  format and repair what ruff can"

demo: .venv/.ready
	.venv/bin/robotics run "$(INSTRUCTION)" --robot "$(ROBOT)" --policy "$(POLICY)" --out "$(OUT)"

setup: .venv/.ready-dev

# The stamps make a second set-up instant; they age when dependencies change.
.venv/.ready: pyproject.toml constraints.txt .ci/setup
	@.ci/setup view
	@touch $@

.venv/.ready-dev: pyproject.toml constraints.txt .ci/setup
	@.ci/setup view,dev
	@touch $@ .venv/.ready

# One thread of arithmetic a process: the workers of pytest share the machine already.
test: .venv/.ready-dev check
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n $(WORKERS)

check: .venv/.ready-dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports
	.venv/bin/pyright
	.venv/bin/python -m robotics.bridge.protos.generate --check

bench: .venv/.ready
	.venv/bin/robotics bench all --json runs/bench.json

format: .venv/.ready-dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

clean:
	rm -rf .venv runs build dist *.egg-info .pytest_cache .ruff_cache
