#!/bin/sh
# Runs all checks and then all tests, and tells which step failed. `make test` calls it.
set -u

python=.venv/bin/python
failed=

step() {
	name=$1
	shift
	printf '\n== %s\n' "$name"
	if ! "$@"; then
		printf 'FAILED: %s\n' "$name" >&2
		failed="$failed
  $name"
	fi
}

step "format (make format mends it)" "$python" -m ruff format --check .
step "lint" "$python" -m ruff check --quiet .
step "types" "$python" -m mypy --no-error-summary
step "imports" .venv/bin/lint-imports --no-logo
step "citations" "$python" -m scripts.check_citations
if [ -f tests/support/chromium.py ]; then
	step "browser" "$python" -m tests.support.chromium
fi
# As many workers as there are cores; who is done takes work from the others.
step "tests" "$python" -m pytest -n logical --maxprocesses 4 --dist worksteal -m "not soak"

if [ -n "$failed" ]; then
	printf '\nThese steps failed:%s\n' "$failed" >&2
	exit 1
fi
