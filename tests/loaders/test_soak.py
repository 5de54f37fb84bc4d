"""A large sheet is loaded in bounded memory."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loaders.sheets import POSTING, write_csv

ROOT = Path(__file__).parents[2]
COUNT = 40_000
MOST_MEGABYTES = 200

# A child's own account: what its parent's counters say of it holds the parent's memory too.
MEASURED = """
import atexit, pathlib, runpy, sys
status = pathlib.Path("/proc/self/status")
atexit.register(lambda: sys.stderr.write(status.read_text()))
runpy.run_module("scripts.load_jobs", run_name="__main__", alter_sys=True)
"""


@pytest.mark.soak
def test_forty_thousand_postings_need_little_memory(
    environment: dict[str, str], tmp_path: Path
) -> None:
    text = "看大门、登记来访车辆、夜里转两圈。" * 20
    rows = [POSTING | {"source_id": f"J{n:06d}", "text": f"{n}{text}"} for n in range(COUNT)]
    path = write_csv(tmp_path / "j.csv", *rows)
    words = [sys.executable, "-c", MEASURED, str(path), "--json"]
    given = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        words, cwd=tmp_path, env=given, capture_output=True, check=True, text=True
    )

    assert json.loads(done.stdout)["added"] == COUNT
    peak = re.search(r"VmHWM:\s+(\d+) kB", done.stderr)
    assert peak is not None
    assert int(peak[1]) / 1024 < MOST_MEGABYTES
