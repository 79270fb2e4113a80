# Forgers & Detectives: one command each for reading, testing and editing the course. `make` alone lists them.
# Works with GNU make 3.81 (macOS) and later. The same without make: see README.md.

PYTHON ?= python3

PY := .venv/bin/python
STAMP := .venv/.installed
NOTEBOOKS := $(wildcard notebooks/*.ipynb notebooks/*/*.ipynb)
# Two workers with one thread each, and never one notebook on both of them.
PYTEST := OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 --dist loadscope
# Left to itself, xdist begins with the files that have most tests, and ends with one worker at a long notebook.
LONGEST_FIRST := --no-loadscope-reorder notebooks tests
# What editors leave in a notebook, and what differs from machine to machine; tags, mystnb and nbgrader stay, and so do
# the outputs of cells tagged keep_output.
STRIP := $(PY) -m nbstripout --keep-id --unix-newlines --extra-keys "metadata.vscode metadata.colab metadata.toc \
  metadata.language_info.version cell.metadata.vscode cell.metadata.colab cell.metadata.outputId \
  cell.metadata.executionInfo cell.metadata.id"

.NOTPARALLEL:
.PHONY: help book pdf test check lint lab serve exercises assignment grade strip clean FORCE
.DEFAULT_GOAL := help

help:  ## list these targets
	@echo "make TARGET   (first use creates .venv; another Python: make PYTHON=python3.12 TARGET)"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)$$/\1|\2/p' Makefile | awk -F'|' '{ printf "  %-10s %s\n", $$1, $$2 }'

book: $(STAMP)  ## run all notebooks and build the site into _build/html
	@$(PY) -m tools.build_site

pdf: book  ## print the site as one PDF (make book does it too, where there is a Chromium)
	@$(PY) -m tools.book_pdf

test: $(STAMP)  ## run everything: lint, unit tests, notebooks, the site and its tests
	@start=$$(date +%s); failed=; \
	$(MAKE) --silent lint || failed="$$failed lint,"; \
	COURSE_OUTPUTS=$$($(PY) -m tools.build_site --outputs) $(PYTEST) $(LONGEST_FIRST) --ignore=tests/site || \
	  failed="$$failed tests,"; \
	$(PY) -m tools.build_site || failed="$$failed site,"; \
	$(PYTEST) tests/site || failed="$$failed tests of the site,"; \
	$(PY) -m tools.build_site --seconds $$(($$(date +%s) - start)); \
	if test -n "$$failed"; then echo "FAILED:$${failed%,}"; exit 1; else echo "All parts passed."; fi

check: lint  ## the fast part of it: lint and unit tests only
	@$(PYTEST) tests --ignore=tests/site

lint: $(STAMP)  ## the lint alone
	$(PY) -m ruff check .
	$(STRIP) --verify $(NOTEBOOKS) || { echo "Strip them: make strip"; exit 1; }
	$(PY) -m tools.notebook_rules
	$(PY) -m tools.exercises --check
	@# trailing blanks, Windows line ends, conflict marks: all files against the empty tree
	! git rev-parse --quiet --git-dir >/dev/null || git diff --check $$(git hash-object -t tree /dev/null)

lab: $(STAMP)  ## open the notebooks in JupyterLab
	@$(PY) -m jupyterlab notebooks

serve: book  ## show the built site on localhost
	@$(PY) -m http.server --bind 127.0.0.1 --directory _build/html

exercises: $(STAMP)  ## write the student notebooks anew from notebooks/solutions
	@$(PY) -m tools.exercises

assignment: $(STAMP)  ## make an assignment with numbers of its own: make assignment CHAPTER=01 VARIANT=2027
	@$(PY) -m tools.assignment "$(CHAPTER)" "$(VARIANT)" $(if $(TO),--to "$(TO)")

grade: $(STAMP)  ## grade a folder of notebooks: make grade SUBMISSIONS=folder ASSIGNMENT=01_even_numbers
	@$(PY) -m tools.grade "$(SUBMISSIONS)" "$(ASSIGNMENT)" $(if $(TO),--to "$(TO)") $(if $(DASK),--dask "$(DASK)")

strip: $(STAMP)  ## remove the outputs from the notebooks, but for cells tagged keep_output
	@$(STRIP) $(NOTEBOOKS)

clean:  ## remove what was built (delete .venv by hand to start all over)
	rm -rf _build .pytest_cache .ruff_cache .hypothesis build gan_helpers.egg-info
	find . -name .venv -prune -o -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) -exec rm -rf {} +

# --- .venv: made by the first target that needs it, brought up to date when one of these files changes ---
$(STAMP): requirements.txt constraints.txt pyproject.toml
	@"$(PYTHON)" -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" 2>/dev/null || { \
	  echo "This course needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1 || echo missing)."; \
	  echo "Name one that is installed: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up .venv. The first time takes some minutes."
	@rm -f $(STAMP)
	@"$(PYTHON)" -m venv $(CLEAR) .venv
	@$(PY) -m pip install --disable-pip-version-check -r requirements.txt -c constraints.txt -e .
	@echo "$(CURDIR)" > $(STAMP)

# The stamp holds the folder it was made for: a .venv that was moved or copied still points to the old place.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): FORCE
CLEAR := --clear
endif

# A PYTHON that was asked for must not be passed over because some .venv is there already.
ifneq ($(origin PYTHON),file)
ifneq ($(shell "$(PYTHON)" --version 2>/dev/null),$(shell $(PY) --version 2>/dev/null))
$(STAMP): FORCE
CLEAR := --clear
endif
endif
