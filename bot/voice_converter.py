"""Turns AMR on standard input into MP3 on standard output, as a process of its own.

The bytes are a stranger's and the decoder is C: here it has no secret, no database, little memory
and little time, and only AMR is ever decoded, for the format is told and not guessed. When it dies
nothing dies with it. It takes 40 MB while it runs; the server never loads the decoder.
"""

import io
import sys
from collections.abc import Iterator
from typing import Final

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

UNPLAYABLE: Final = 3
"""The exit status for what cannot be played."""

LONGEST: Final = 300
"""In seconds; WeChat's recordings last sixty at most."""

# The lowest rate that every browser plays: at 8 kHz, MP3 is a later addition that some lack.
_RATE: Final = 16_000
_BITS_PER_SECOND: Final = 24_000
_FRAMES_PER_SECOND: Final = 50
_WITHOUT_LABELS: Final = {"id3v2_version": "0", "write_id3v1": "0"}
_MEMORY: Final = 512 * 1024 * 1024
_SECONDS_AT_WORK: Final = 15


class UnplayableError(Exception):
    """There is nothing in it to be heard, or too much."""


def convert(content: bytes) -> bytes:
    """Return an AMR recording as MP3, without labels."""
    made = io.BytesIO()
    with (
        av.open(io.BytesIO(content), "r", format="amr") as source,
        av.open(made, "w", format="mp3", options=_WITHOUT_LABELS) as target,
    ):
        _encode(_listen(source), target)
    return made.getvalue()


def limit_oneself() -> None:
    """Give up, for good, what a converter does not need."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has none

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS_AT_WORK, _SECONDS_AT_WORK))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # it would hold what somebody said
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> int:
    """Convert; return the exit status."""
    limit_oneself()
    try:
        made = convert(sys.stdin.buffer.read())
    except (UnplayableError, av.error.FFmpegError):
        return UNPLAYABLE
    sys.stdout.buffer.write(made)
    return 0


def _listen(source: InputContainer) -> Iterator[AudioFrame]:
    """Decode; a frame that cannot be, or in which nobody speaks, is a moment of silence."""
    codec = source.streams.audio[0].codec_context
    heard = False
    for number, packet in enumerate(source.demux(audio=0)):
        if number > LONGEST * _FRAMES_PER_SECOND:
            raise UnplayableError
        if packet.size == 0:  # the end
            break
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            yield _silence(codec.sample_rate)
        else:
            heard = heard or bool(frames)
            yield from frames
    if not heard:
        raise UnplayableError


def _silence(rate: int) -> AudioFrame:
    samples = rate // _FRAMES_PER_SECOND
    frame = AudioFrame(format="fltp", layout="mono", samples=samples)
    frame.planes[0].update(bytes(frame.planes[0].buffer_size))
    frame.sample_rate = rate
    return frame


def _encode(frames: Iterator[AudioFrame], target: OutputContainer) -> None:
    stream = target.add_stream("libmp3lame", rate=_RATE, layout="mono")
    stream.bit_rate = _BITS_PER_SECOND
    resampler = AudioResampler(format="s16p", layout="mono", rate=_RATE)
    for frame in frames:
        frame.pts = None  # one after the other, whatever the file says
        _write(resampler.resample(frame), stream, target)
    _write(resampler.resample(None), stream, target)
    target.mux(stream.encode(None))


def _write(frames: list[AudioFrame], stream: AudioStream, target: OutputContainer) -> None:
    for frame in frames:
        target.mux(stream.encode(frame))


if __name__ == "__main__":
    sys.exit(main())
