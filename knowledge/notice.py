"""The notice about what happens with what people write."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from knowledge.content_dir import read_yaml


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said before the first answer to something private; a higher version is said again."""

    version: int
    text: str

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the notice; raise ValueError where its text or version is missing."""
        content = read_yaml(path) or {}
        version, text = content.get("version"), str(content.get("text") or "").strip()
        if not isinstance(version, int) or version < 1 or not text:
            msg = f"{path} needs a version from 1 up and a text"
            raise ValueError(msg)
        return cls(version=version, text=text)
