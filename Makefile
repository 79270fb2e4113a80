# Forgers & Detectives: one command each for reading, testing and editing the course. `make` alone lists them.
# Works with GNU make 3.81 (macOS) and later. All logic sits in tools/, so that it also runs where there is no make.

PYTHON ?= python3

PY := .venv/bin/python
STAMP := .venv/.installed

.NOTPARALLEL:
.PHONY: help book test check lab serve exercises clean FORCE
.DEFAULT_GOAL := help

help:  ## list these targets
	@echo "make TARGET   (first use creates .venv; another Python: make PYTHON=python3.12 TARGET)"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)$$/\1|\2/p' Makefile | awk -F'|' '{ printf "  %-10s %s\n", $$1, $$2 }'

book: $(STAMP)  ## run all notebooks and build the site into _build/html
	@$(PY) -m tools.build_site

test: $(STAMP)  ## run everything: lint, unit tests, notebooks, the site and its tests
	@$(PY) -m tools.run_tests

check: $(STAMP)  ## the fast part of it: lint and unit tests only
	@$(PY) -m tools.run_tests --fast

lab: $(STAMP)  ## open the notebooks in JupyterLab
	@$(PY) -m jupyterlab notebooks

serve: book  ## show the built site on localhost
	@$(PY) -m tools.serve

exercises: $(STAMP)  ## write the student notebooks anew from notebooks/solutions
	@$(PY) -m tools.exercises

clean:  ## remove what was built (delete .venv by hand to start all over)
	rm -rf _build .pytest_cache .ruff_cache .hypothesis build gan_helpers.egg-info
	find . -name .venv -prune -o -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) -exec rm -rf {} +

# One lint by name, for .pre-commit-config.yaml: make lint-ruff
lint-%: $(STAMP)
	@$(PY) -m tools.lint $*

# --- .venv: made by the first target that needs it, brought up to date when one of these files changes ---
$(STAMP): requirements.txt constraints.txt pyproject.toml
	@"$(PYTHON)" -c "" 2>/dev/null || { \
	  echo "There is no $(PYTHON) here. Install Python 3.11 to 3.13, or name one: make PYTHON=python3.12 ..."; exit 1; }
	@"$(PYTHON)" tools/make_venv.py

# The stamp holds the folder it was made for: a .venv that was moved or copied still points to the old place.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): FORCE
endif

# A PYTHON that was asked for must not be passed over because some .venv is there already.
ifneq ($(origin PYTHON),file)
ifneq ($(shell "$(PYTHON)" --version 2>/dev/null || true),$(shell $(PY) --version 2>/dev/null || true))
$(STAMP): FORCE
endif
endif
