#!/bin/sh
# Makes .venv with everything in it; does nothing when nothing changed. `make setup` calls it.
set -eu

lock=requirements-dev.txt
venv=.venv
stamp=$venv/ready # written last: where it is missing, an earlier run was interrupted
oldest="import sys; sys.exit(sys.version_info < (3, 11))"

fail() {
	printf '%s\n' "$@" >&2
	exit 1
}

[ ! -L "$venv" ] || fail "$venv is a link into another place, which must not be rebuilt from here:" \
	"remove the link and run make setup, or call $venv/bin/python directly."

# What the environment was made from: the lock, the Python and the place.
describe() {
	cksum <"$lock"
	"$venv/bin/python" --version
	pwd
}

works() {
	"$1" -c "$oldest" >/dev/null 2>&1
}

find_python() {
	for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
		if works "$candidate"; then
			found=$candidate
			"$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1 && return
		fi
	done
	[ -z "${found:-}" ] || fail \
		"$found cannot make virtual environments: its modules venv and ensurepip are missing." \
		"On Debian and Ubuntu: apt-get install python3-venv" \
		"Then run make again."
	fail "Python 3.11 or newer is needed; tried: ${PYTHON:-python3.13 python3.12 python3.11 python3}." \
		"Install it (Debian, Ubuntu: apt-get install python3 python3-venv), or name yours:" \
		"make setup PYTHON=/path/to/python3"
}

make_venv() {
	find_python
	echo "Making $venv with $("$found" --version); the first time takes a minute or two …"
	"$found" -m venv --clear "$venv"
}

# Stderr is silenced for a moment only: a .venv of a Python that is gone is simply made anew.
if [ -f "$stamp" ] && [ "$(describe 2>/dev/null)" = "$(cat "$stamp")" ]; then
	exit 0
fi
python_and_place=$(describe 2>/dev/null | tail -n 2)
if [ -f "$stamp" ] && [ "$python_and_place" = "$(tail -n 2 "$stamp")" ]; then
	echo "The list of packages changed; bringing $venv up to date …"
	rm -f "$stamp"
else
	make_venv
fi

# The lock names every package. Left to look for dependencies itself, an older pip takes a newer
# release than the pinned one for a package wanted with an extra, and then refuses it.
log=$venv/install.log
if ! "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
	--no-deps --require-hashes -r "$lock" >"$log" 2>&1; then
	cat "$log" >&2
	fail "" "The packages could not be installed (see above). Run make again when it is mended."
fi
describe >"$stamp.new"
mv "$stamp.new" "$stamp"
