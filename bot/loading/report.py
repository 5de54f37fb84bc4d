"""What a load did, for people and for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from bot.loading.sheet import SheetError


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was not taken: where, what stood there, and what to write instead."""

    line: int
    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        where = f"第 {self.line} 行" if self.line else "整个文件"
        what = f" · {self.field}" if self.field else ""
        value = f"“{self.value}”：" if self.value else "："
        return f"{where}{what}{value}{self.reason}"


@dataclass
class Report:
    """How many rows were read and what became of them; `run` names what was written."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    run: int | None = None
    undoes: int | None = None
    is_withheld: bool = False
    """All or nothing was asked for, and not all was good."""

    @classmethod
    def of_error(cls, error: SheetError) -> "Report":
        """Return the report on a file that cannot be read at all."""
        return cls(rejected=[Rejection(error.line, error.field, "", error.reason)])

    @property
    def status(self) -> int:
        """Return the exit status."""
        return 1 if self.rejected else 0

    def to_json(self) -> str:
        """Return the report on one line of JSON."""
        told: dict[str, object] = {
            name: getattr(self, name) for name in ("read", "added", "changed", "unchanged")
        }
        if self.undoes is not None:
            told |= {"removed": self.removed, "undoes": self.undoes}
        told["rejected"] = [asdict(rejection) for rejection in self.rejected]
        if self.run is not None:
            told["run"] = self.run
        return json.dumps(told, ensure_ascii=False)

    def to_lines(self, *, dry_run: bool, again: str) -> Iterator[str]:
        """Yield the report for a person; `again` is the command that takes loads back."""
        yield from (str(rejection) for rejection in self.rejected)
        yield self._before_counts(dry_run=dry_run) + self._counts()
        if self.run is not None:
            yield f"编号 {self.run}；想撤回：{again} --undo {self.run}"

    def _before_counts(self, *, dry_run: bool) -> str:
        if dry_run:
            return "试跑，什么都没有写入："
        return "有行没通过，要的是全有或全无，一行都没有写入：" if self.is_withheld else ""

    def _counts(self) -> str:
        if self.undoes is not None and self.rejected:
            return f"没有撤回第 {self.undoes} 次，什么都没有改"
        if self.undoes is not None:
            restored = self.changed + self.added
            return f"撤回第 {self.undoes} 次：复原 {restored} 行，删去 {self.removed} 行"
        return (
            f"读了 {self.read} 行：新增 {self.added}，更新 {self.changed}，"
            f"没变 {self.unchanged}，退回 {len(self.rejected)}"
        )
