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
# Two halves at once, for two cores; what they cover is counted together.
half() {
	part=$1
	shift
	COVERAGE_FILE=.coverage.$part "$python" -m pytest --cov --cov-report= --cov-fail-under=0 \
		-m "not soak" "$@"
}

all_tests() {
	rm -f .coverage .coverage.*
	half one tests/handlers tests/dialogues tests/content tests/knowledge tests/models tests/scripts \
		tests/loaders tests/bot/console tests/test_*.py >.tests.log 2>&1 &
	one=$!
	half two tests/bot --ignore=tests/bot/console tests/races tests/browser
	two=$?
	wait "$one"
	status=$?
	cat .tests.log
	rm -f .tests.log
	[ "$status" = 0 ] && [ "$two" = 0 ] && "$python" -m coverage combine --quiet &&
		"$python" -m coverage report
}

step "tests" all_tests

if [ -n "$failed" ]; then
	printf '\nThese steps failed:%s\n' "$failed" >&2
	exit 1
fi
