"""What miners speak becomes something that a phone plays, whatever a stranger puts into it."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from structlog.testing import capture_logs

from bot import voice_converter
from bot.voice_converter import UNPLAYABLE, UnplayableError, convert
from bot.voices import LARGEST, make_playable

RECORDING = Path("bot/simulator/recording.amr").read_bytes()
HEAD, FRAMES = b"#!AMR\n", RECORDING[6:]
PAUSE = b"\x7c"
"""A frame in which nobody speaks; fifty are a second."""

Converter = Callable[[str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Converter:
    """A program in the place of the converter."""

    def write(lines: str) -> Path:
        path = tmp_path / "program.py"
        path.write_text(f"import os, sys, threading\n{lines}", encoding="utf-8")
        return path

    return write


def listen(mp3: bytes) -> tuple[float, float]:
    """Return how many seconds it lasts and how loud it is at its loudest (1 is the most)."""
    loudest, samples = 0.0, 0
    with av.open(io.BytesIO(mp3), "r", format="mp3") as file:
        for frame in file.decode(audio=0):
            heard = memoryview(bytes(frame.planes[0])).cast("f")[: frame.samples]
            loudest, samples = max(loudest, *heard), samples + frame.samples
        return samples / file.streams.audio[0].codec_context.sample_rate, loudest


def test_a_recording_of_wechat_becomes_one_that_every_browser_plays() -> None:
    made = make_playable(RECORDING)

    assert made is not None
    seconds, loudest = listen(made)
    assert 2.3 < seconds < 2.6
    assert loudest > 0.1


def test_it_is_plain_mp3_at_a_usual_rate_and_says_nothing_but_what_was_said() -> None:
    made = convert(RECORDING)

    assert made[0] == 0xFF
    assert b"ID3" not in made
    with av.open(io.BytesIO(made), "r", format="mp3") as file:
        codec = file.streams.audio[0].codec_context
        assert (codec.name, codec.sample_rate, codec.layout.name) == ("mp3float", 16_000, "mono")
        assert file.metadata == {}


def test_pauses_stay_as_long_as_they_were() -> None:
    seconds, loudest = listen(convert(HEAD + PAUSE * 100 + FRAMES + PAUSE * 50))

    assert 5.3 < seconds < 5.6
    assert loudest > 0.1


def test_a_recording_that_breaks_off_is_played_to_where_it_breaks_off() -> None:
    assert 0.9 < listen(convert(RECORDING[:1005]))[0] < 1.2


def test_wide_band_is_played_too() -> None:
    frame = b"\x44" + bytes(range(60))

    assert 0.9 < listen(convert(b"#!AMR-WB\n" + frame * 50))[0] < 1.2


@pytest.mark.parametrize(
    "content",
    [
        *(b"", HEAD, HEAD + PAUSE * 50, b"\xff\xd8\xff\xe0" * 50, b"ID3" + FRAMES),
        b"#EXTM3U\nfile:///etc/passwd\n",
        HEAD + b"file:///etc/passwd",
    ],
)
def test_what_holds_nothing_to_hear_is_not_played(content: bytes) -> None:
    assert make_playable(content) is None


def test_what_lasts_longer_than_anything_of_wechat_is_not_begun_to_be_played() -> None:
    with pytest.raises(UnplayableError):
        convert(HEAD + PAUSE * (voice_converter.LONGEST * 50 + 1))


def test_what_is_larger_than_anything_of_wechat_is_not_even_read(program: Converter) -> None:
    would = program("sys.stdout.write('read')")

    assert make_playable(b"x" * LARGEST, converter=would) == b"read"
    assert make_playable(b"x" * (LARGEST + 1), converter=would) is None


@pytest.mark.parametrize(
    "lines",
    ["os.abort()", "sys.exit(1)", "", "sys.stdout.write('half'); sys.exit(3)", "not python"],
)
def test_a_converter_that_dies_takes_nobody_with_it(program: Converter, lines: str) -> None:
    with capture_logs() as logs:
        assert make_playable(RECORDING, converter=program(lines)) is None

    assert [entry["event"] for entry in logs] == ["voice_not_converted"]


def test_a_converter_that_never_ends_is_ended(program: Converter) -> None:
    endless = program("threading.Event().wait()")

    assert make_playable(RECORDING, converter=endless, patience=0.5) is None


def test_the_converter_knows_no_secret(program: Converter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_ENCRYPTION_KEY", "a-secret")

    told = make_playable(b"", converter=program("sys.stdout.write(repr(dict(os.environ)))"))

    assert told is not None
    assert b"a-secret" not in told


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no process this way")
@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        ("bytearray(1 << 30)", "MemoryError"),
        ("open('kept', 'wb', 0).write(b'x')", "File too large"),
    ],
)
def test_the_converter_has_little_memory_and_writes_no_file(
    act: str, refusal: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"from bot.voice_converter import *; limit_oneself(); {act}"],
        env={"PYTHONPATH": str(Path.cwd())},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert refusal in done.stderr


def test_the_server_itself_never_loads_the_decoder() -> None:
    lines = "import sys, bot.media_worker; print('av' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_the_program_tells_by_its_exit_status_what_cannot_be_played(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(voice_converter, "limit_oneself", lambda: None)  # for the tests to come
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(HEAD)))

    assert voice_converter.main() == UNPLAYABLE
