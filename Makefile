# make show: see it. make test: check it. Everything lives in .venv; nothing else on the machine is touched.
PYTHON ?= python3
SHOW ?= shows/tide
VENV := .venv
BIN := $(VENV)/bin
TORCH_INDEX ?=

.PHONY: show test lint types bench stills clean help

help:                      ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/  /'

show: $(VENV)/.ready       ## open the default show in rehearsal (SHOW=shows/mine for another)
	@$(BIN)/installation rehearse $(SHOW)

test: $(VENV)/.tested      ## run the tests
	@$(BIN)/python -m pytest

lint: $(VENV)/.tested      ## style, every ignored rule named in pyproject.toml
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.tested     ## types, mypy strict
	@$(BIN)/mypy

bench: $(VENV)/.tested     ## every benchmark; each ends in lines `figure NAME VALUE`
	@failed=; for file in benchmarks/*.py; do \
		echo "== $$file"; $(BIN)/python $$file || failed="$$failed $$file"; done; \
	if [ -n "$$failed" ]; then echo "not measured:$$failed"; exit 1; fi

stills: $(VENV)/.ready     ## the pictures of README and docs, from the shows themselves
	@mkdir -p assets/stills
	@$(BIN)/installation still shows/tide assets/stills/tide.png --at 17 --size 1280x720 --seed 23
	@for look in constellation:40 loom:26.95 confluence:16 superposition:9.2 breath:18 strata:37 drum:31.4 spectrum:26 label:20.7; do name=$${look%:*}; \
		$(BIN)/installation still shows/looks assets/stills/$$name.png --scene $$name --at $${look#*:} \
			--size 1280x720 --seed 23; done

clean:                     ## forget .venv
	rm -rf $(VENV)

# The CPU build of torch is taken on Linux without an NVIDIA card: 0.2 GB instead of several.
$(VENV)/.ready: pyproject.toml .ci/constraints.txt
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" bash .ci/install $(VENV)
	@touch $@

$(VENV)/.tested: $(VENV)/.ready
	@echo "installing what the tests need"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c .ci/constraints.txt -e '.[dev,broker,gpu,train]'
	@touch $@
