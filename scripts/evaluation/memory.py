"""How much memory a process needs that understands messages and knows the whole FAQ."""

import resource
import subprocess
import sys
from pathlib import Path

from knowledge.content_dir import CONTENT
from knowledge.engine import Engine
from scripts.training.faq import read_faq

_KIBI = 1024


def measure() -> float:
    """Return the highest resident memory in MB of a new process that loads the engine."""
    command = (sys.executable, "-m", "scripts.evaluation.memory")
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    return float(done.stdout)


def _load() -> float:
    engine = Engine.load(CONTENT).with_faq(read_faq())
    engine.understand("被辞退了能赔多少")
    return _peak()


def _peak() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage tells begins with what the parent needed.
        [line] = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / _KIBI
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (_KIBI * _KIBI if sys.platform == "darwin" else _KIBI)


if __name__ == "__main__":
    sys.stdout.write(f"{_load():.1f}")
