"""The benchmark runs, and what it sends and counts is right; no speed is asserted here."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl

from bot.wechat.codec import decode
from bot.wechat.signature import verify
from scripts.benchmarking.load import TOKEN, Outcome, Postman, is_answer
from scripts.benchmarking.stages import TOTAL, measure_stages

ROOT = Path(__file__).parents[2]


def test_service_and_echo_answer_every_message_in_both_modes() -> None:
    command = [sys.executable, "-m", "scripts.benchmark", "--seconds", "0.2", "--followers", "20"]
    done = subprocess.run(
        [*command, "--rate", "50", "--mode", "both", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    servers = [(row["server"], row["mode"]) for row in rows]
    assert servers == [
        ("echo", "plain"),
        ("kuangyou", "plain"),
        ("echo", "safe"),
        ("kuangyou", "safe"),
    ]
    assert [row["failures"] for row in rows] == [0, 0, 0, 0]
    assert all(row["answers"] >= 10 for row in rows)


def test_requests_are_signed_and_have_ids_of_their_own() -> None:
    requests = Postman(followers=3, is_safe=False).write(50)
    for request in requests:
        query = dict(parse_qsl(request.split(b" ", 2)[1].decode().partition("?")[2]))
        assert verify(query["signature"], TOKEN, query["timestamp"], query["nonce"])
    messages = [decode(request.partition(b"\r\n\r\n")[2]) for request in requests]
    assert len({message.msg_id for message in messages}) == 50
    assert len({message.openid for message in messages}) == 3


def test_only_words_with_status_200_count_as_an_answer() -> None:
    words = b"<xml><Content><![CDATA[x]]></Content></xml>"
    assert is_answer(b"HTTP/1.1 200 OK\r\n", words)
    assert not is_answer(b"HTTP/1.1 503 Service Unavailable\r\n", words)
    assert not is_answer(b"HTTP/1.1 200 OK\r\n", b"success")
    assert not is_answer(b"HTTP/1.1 200 OK\r\n", b"")


def test_percentiles_are_read_from_the_good_answers() -> None:
    outcome = Outcome([float(number) for number in range(1, 101)], failures=0, seconds=2)
    assert (outcome.percentile(0.5), outcome.percentile(0.99), outcome.rate) == (51, 100, 50)


def test_the_stages_add_up_to_the_whole() -> None:
    rows = [row for row in measure_stages(messages=20, followers=5) if row.synchronous == "FULL"]
    parts = sum(row.wall_ms for row in rows if row.stage != TOTAL)
    whole = next(row.wall_ms for row in rows if row.stage == TOTAL)
    assert {"understand", "commit", "encryption at rest"} <= {row.stage for row in rows}
    assert abs(parts - whole) < 0.01 * len(rows)
