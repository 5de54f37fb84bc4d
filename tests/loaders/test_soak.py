"""A large sheet is loaded in bounded memory."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loaders.sheets import POSTING, write_csv

ROOT = Path(__file__).parents[2]
COUNT = 40_000
MOST_MEGABYTES = 400


@pytest.mark.soak
def test_forty_thousand_postings_need_little_memory(
    environment: dict[str, str], tmp_path: Path
) -> None:
    text = "看大门、登记来访车辆、夜里转两圈。" * 20
    rows = [POSTING | {"source_id": f"J{n:06d}", "text": f"{n}{text}"} for n in range(COUNT)]
    path = write_csv(tmp_path / "j.csv", *rows)
    words = [sys.executable, "-m", "scripts.load_jobs", str(path), "--json"]
    given = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(words, cwd=tmp_path, env=given, capture_output=True, check=True)

    assert json.loads(done.stdout)["added"] == COUNT
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert peak < MOST_MEGABYTES
