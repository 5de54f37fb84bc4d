"""Hear danger in what a person writes, and hold the fixed words that answer it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import Any, Self

from knowledge.content_dir import read_yaml

_MAX_CHARS = 3000  # longer than any message WeChat delivers
_MAX_PREVIOUS = 5
_GAP = "\n"  # what a blanked idiom becomes: no pattern's dot reaches across it
_MEDICAL, _MEDICAL_OTHER, _ACCIDENT = "medical", "medical_other", "accident"
_OTHER = "OTHER"  # the group that holds a person other than the writer


class Situation(StrEnum):
    """Name what kind of danger a text speaks of; each has its own fixed text."""

    SELF = "self"
    THIRD_PERSON = "third_person"
    VIOLENCE = "violence"
    THREAT = "threat_to_others"
    MISSING = "missing"
    DISTRESS = "distress"


@dataclass(frozen=True, slots=True)
class Danger:
    """Say how grave it is: 0 none, 1 distress, 2 wish to die or violence, 3 acute danger."""

    level: int
    situation: Situation | None
    evidence: tuple[str, ...]  # names of signals, never the person's words

    @property
    def is_crisis(self) -> bool:
        """Tell whether people must be called."""
        return self.level >= 2  # noqa: PLR2004

    @property
    def is_medical(self) -> bool:
        """Tell whether an ambulance comes before a talk."""
        return self.evidence[:1] in ((_MEDICAL,), (_ACCIDENT,))


NO_DANGER = Danger(0, None, ())


class SafetyContentError(ValueError):
    """Say which entry of the safety content cannot be used."""


@dataclass(frozen=True, slots=True)
class _Signal:
    name: str
    level: int
    situation: Situation | None
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    but: re.Pattern[str] | None
    needs_kin: bool

    def find(self, text: str, start: int) -> re.Match[str] | None:
        """Return the first match that ends after `start`, if the context does not explain it."""
        match = self.pattern.search(text)
        while match and match.end() <= start:
            match = self.pattern.search(text, match.start() + 1)
        return None if match is None or self._explained(text) else match

    def _explained(self, text: str) -> bool:
        if self.unless is None or not self.unless.search(text):
            return False
        return self.but is None or not self.but.search(text)


@dataclass(frozen=True, slots=True)
class _Combination:
    names: frozenset[str]
    level: int
    situation: Situation


class DangerGate:
    """Grade messages by a lexicon of graded signals; one weak sign is no crisis, two may be."""

    def __init__(self, lexicon: Mapping[str, Any]) -> None:
        reader = _LexiconReader(lexicon)
        self._fold = reader.fold_table()
        self._harmless = reader.harmless()
        self._softened = reader.signals("softened")
        self._signals = reader.signals("signals")
        self._combinations = reader.combinations()
        self._other = reader.compile("<kin>")
        self._subject = reader.compile(f"(?P<{_OTHER}><kin>)|<me>")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Build the gate from `lexicon.yaml` in the folder `path`."""
        return cls(read_yaml(path / "lexicon.yaml"))

    def assess(self, text: str, previous: Sequence[str] = ()) -> Danger:
        """Grade `text`, heard after the person's `previous` messages of the last minutes."""
        current = self._dense(text)
        if not current:
            return NO_DANGER
        before = "".join(self._dense(earlier) for earlier in previous[-_MAX_PREVIOUS:])
        heard = self._harmless.sub(_blank, before + current)
        return self._grade(heard, start=len(before))

    def _grade(self, text: str, *, start: int) -> Danger:
        readings = self._readings(text, start)
        has_kin = self._other.search(text) is not None
        heard = [
            (signal, match)
            for signal, said in readings
            if (has_kin or not signal.needs_kin) and (match := signal.find(said, start))
        ]
        fresh = {signal.name for signal, _ in heard}
        combined = self._combine(readings, fresh) if fresh else None
        single = max((p for p in heard if p[0].level), key=lambda p: p[0].level, default=None)
        if combined and (single is None or combined.level > single[0].level):
            return Danger(combined.level, combined.situation, tuple(sorted(combined.names)))
        return self._alone(single, fresh, text) if single else NO_DANGER

    def _readings(self, text: str, start: int) -> list[tuple[_Signal, str]]:
        """Pair each signal with what it reads: softened words are hidden from the graver ones.

        What was said before and what is said now are softened apart, neither by the other.
        """
        before, earlier = self._soften(text[:start] + _GAP * (len(text) - start))
        now, current = self._soften(_GAP * start + text[start:])
        rest = earlier[:start] + current[start:]
        return [*before, *now, *((signal, rest) for signal in self._signals)]

    def _soften(self, part: str) -> tuple[list[tuple[_Signal, str]], str]:
        """Return the softened signals of `part`, and `part` without the words they take."""
        heard = [(signal, part) for signal in self._softened if signal.pattern.search(part)]
        rest = part
        for signal, _ in heard:
            rest = signal.pattern.sub(_blank, rest)
        return heard, rest

    def _alone(
        self, single: tuple[_Signal, re.Match[str]], fresh: Iterable[str], text: str
    ) -> Danger:
        signal, match = single
        situation = signal.situation
        if situation is Situation.SELF and self._is_about_another(text, match):
            situation = Situation.THIRD_PERSON
        others = sorted(set(fresh) - {signal.name})
        return Danger(signal.level, situation, (signal.name, *others))

    def _combine(
        self, readings: Iterable[tuple[_Signal, str]], fresh: set[str]
    ) -> _Combination | None:
        weak = {s.name for s, said in readings if s.level < 2 and s.find(said, 0)}  # noqa: PLR2004
        heard = fresh | weak
        fitting = [c for c in self._combinations if c.names <= heard and c.names & fresh]
        return max(fitting, key=lambda c: c.level, default=None)

    def _is_about_another(self, text: str, sign: re.Match[str]) -> bool:
        """Tell whether the subject just before the sign is somebody else."""
        if sign[0][:3].startswith(("我", "俺", "咱")):
            return False
        subjects = list(self._subject.finditer(text, max(0, sign.start() - 12), sign.start()))
        if not subjects or subjects[-1].lastgroup != _OTHER:
            return False
        between = text[subjects[-1].end() : sign.start()]
        return len(between) <= 3 and "了" not in between  # noqa: PLR2004

    def _dense(self, text: str) -> str:
        """Fold width, case and Traditional forms; drop everything but letters and digits."""
        folded = unicodedata.normalize("NFKC", text[-_MAX_CHARS:]).lower()
        return "".join(filter(str.isalnum, folded)).translate(self._fold)


class _LexiconReader:
    """Compile the parts of the lexicon, naming the entry that does not compile."""

    def __init__(self, lexicon: Mapping[str, Any]) -> None:
        self._lexicon = lexicon
        self._macros = {name: _squeeze(text) for name, text in lexicon["macros"].items()}
        self._frames = {name: self.compile(text) for name, text in lexicon["frames"].items()}

    def compile(self, pattern: str) -> re.Pattern[str]:
        """Compile `pattern` after replacing its macros."""
        expanded = _squeeze(pattern)
        while macro := re.search(r"<([a-z]+)>", expanded):
            expanded = expanded.replace(macro[0], self._macro(macro[1]))
        try:
            return re.compile(expanded)
        except re.error as error:
            msg = f"pattern {pattern!r}: {error}"
            raise SafetyContentError(msg) from error

    def fold_table(self) -> dict[int, str]:
        """Map each Traditional character of the lexicon to its Simplified form."""
        pairs = self._lexicon["traditional"].split()
        return {ord(pair[0]): pair[1] for pair in pairs}

    def harmless(self) -> re.Pattern[str]:
        """Join the idioms that are blanked first."""
        return self.compile("|".join(self._lexicon["harmless"]))

    def signals(self, part: str) -> tuple[_Signal, ...]:
        """Compile the graded signals of `part` in their order."""
        return tuple(self._signal(entry) for entry in self._lexicon[part])

    def combinations(self) -> tuple[_Combination, ...]:
        """Read which signals count together."""
        return tuple(
            _Combination(frozenset(entry["all"]), entry["level"], Situation(entry["situation"]))
            for entry in self._lexicon["combinations"]
        )

    def _signal(self, entry: Mapping[str, Any]) -> _Signal:
        situation = entry.get("situation")
        return _Signal(
            name=entry["name"],
            level=entry["level"],
            situation=Situation(situation) if situation else None,
            pattern=self.compile("|".join(entry["patterns"])),
            unless=self._frames[entry["unless"]] if "unless" in entry else None,
            but=self._frames[entry["but"]] if "but" in entry else None,
            needs_kin=entry.get("needs") == "kin",
        )

    def _macro(self, name: str) -> str:
        if name not in self._macros:
            msg = f"unknown macro <{name}>"
            raise SafetyContentError(msg)
        return self._macros[name]


@dataclass(frozen=True, slots=True)
class SafetyText:
    """Hold the approved words for one situation."""

    opening: str
    on_duty: str
    off_duty: str
    still_here: str

    def with_duty(self, *, who: str) -> str:
        """Return the reply while `who` is on duty."""
        return f"{self.opening}\n{self.on_duty.format(who=who)}"

    def without_duty(self, *, next_duty: str) -> str:
        """Return the reply while nobody is on duty until `next_duty`."""
        return f"{self.opening}\n{self.off_duty.format(next_duty=next_duty)}"


_TEXT_NAMES = (*(situation.value for situation in Situation), _MEDICAL, _MEDICAL_OTHER)
_PLACEHOLDERS = {
    "opening": frozenset[str](),
    "on_duty": frozenset({"who"}),
    "off_duty": frozenset({"next_duty"}),
    "still_here": frozenset[str](),
}


@dataclass(frozen=True, slots=True)
class SafetyTexts:
    """Hold the fixed words for every situation, and who approved them."""

    version: int
    approved_by: str | None
    _by_name: Mapping[str, SafetyText]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `texts.yaml` in the folder `path`; raises `SafetyContentError` where it is wrong."""
        content = read_yaml(path / "texts.yaml")
        texts = content["texts"]
        return cls(
            version=content["version"],
            approved_by=content["approved_by"],
            _by_name={name: _read_text(texts, name) for name in _TEXT_NAMES},
        )

    def get(self, name: str) -> SafetyText:
        """Return the words of that name (see `name_for`)."""
        return self._by_name[name]

    def for_situation(self, situation: Situation) -> SafetyText:
        """Return the words for `situation`."""
        return self._by_name[situation.value]

    def for_danger(self, danger: Danger) -> SafetyText:
        """Return the words for `danger`, an ambulance first where the body is in danger."""
        return self._by_name[name_for(danger)]


def name_for(danger: Danger) -> str:
    """Return the name of the words that go with `danger`."""
    if danger.is_medical:
        return _MEDICAL if danger.situation is Situation.SELF else _MEDICAL_OTHER
    return (danger.situation or Situation.DISTRESS).value


def _read_text(texts: Mapping[str, Mapping[str, str]], name: str) -> SafetyText:
    entry = texts.get(name, {})
    for part, wanted in _PLACEHOLDERS.items():
        _check_part(f"{name}.{part}", entry.get(part, ""), wanted)
    return SafetyText(**{part: entry[part].strip() for part in _PLACEHOLDERS})


def _check_part(where: str, text: str, wanted: frozenset[str]) -> None:
    if not text.strip():
        msg = f"{where} is missing"
        raise SafetyContentError(msg)
    found = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    if found != wanted:
        msg = f"{where} has placeholders {sorted(found)}, needs {sorted(wanted)}"
        raise SafetyContentError(msg)


def _squeeze(pattern: str) -> str:
    return "".join(pattern.split())  # long patterns are folded over lines in the file


def _blank(match: re.Match[str]) -> str:
    return _GAP * len(match[0])
