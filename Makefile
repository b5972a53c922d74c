# Two commands matter: `make demo` and `make test`. Both make .venv first.
PYTHON ?= python3
VENV := .venv
STUDY := $(VENV)/bin/study

.PHONY: demo test quick check prove bench clean

$(VENV)/.installed: pyproject.toml constraints.txt .ci/install.py
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python .ci/install.py --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

demo: $(VENV)/.installed
	bash .ci/demo $(STUDY)

test: $(VENV)/.installed
	@bash .ci/bring_tools
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -n 2 --dist worksteal

# The loop of seconds: what needs no engine, browser or shell.
quick: $(VENV)/.installed
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest -q -n 2 --dist worksteal -m quick tests/unit

check: $(VENV)/.installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

# Every exercise, whatever its record says; commit the records that change.
prove: $(VENV)/.installed
	$(STUDY) verify --fresh

bench: $(VENV)/.installed
	$(VENV)/bin/python -m benchmarks.grade
	$(VENV)/bin/python -m benchmarks.grade --study $(STUDY)
	$(VENV)/bin/python -m benchmarks.throughput
	$(VENV)/bin/python -m benchmarks.boundary
	$(VENV)/bin/python -m benchmarks.endurance
	$(VENV)/bin/python -m benchmarks.next
	$(VENV)/bin/python -m benchmarks.desk
	$(VENV)/bin/python -m benchmarks.log

clean:
	rm -rf $(VENV) dist build
