"""What was changed and by whom: loads that can be taken back, and acts that can only be read."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from sqladmin import expose
from sqlalchemy import Select
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from bot.admin.rules import PREFIX
from bot.admin.views import Deed, PlainView, in_thread
from bot.console.access import Person, person_of
from bot.console.audit import NOUNS
from bot.console.words import ACTIONS
from bot.loading.kinds import KINDS
from bot.loading.undo import UndoError, undo
from models.audit import AuditEntry, record_audit
from models.load_run import ChangeAction, LoadChange, LoadRun
from models.volunteer import Volunteer

_SHOWN: Final = 30
_DONE: Final = {
    ChangeAction.ADDED: "新增",
    ChangeAction.CHANGED: "更新",
    ChangeAction.REMOVED: "删去",
}


class LoadRunView(PlainView, model=LoadRun):
    """Every load, a change on these pages too: newest first, and taking it back."""

    name = "改动和撤回"
    name_plural = "改动和撤回"
    note = "装进来的表、在这里改的每一条，都能撤回；撤回也能再撤回。"
    column_list: ClassVar[Any] = [
        "kind",
        "file_name",
        "loaded_at",
        "added",
        "changed",
        "removed",
        "undone_by",
    ]
    column_details_list: ClassVar[Any] = [*column_list, "id", "rejected", "undoes", "rows"]
    column_labels: ClassVar[Any] = {
        "kind": "改了什么",
        "file_name": "从哪里",
        "loaded_at": "时间",
        "added": "新增",
        "changed": "更新",
        "removed": "删去",
        "rejected": "退回",
        "undone_by": "已被撤回（编号）",
        "undoes": "撤回的是（编号）",
        "id": "编号",
        "rows": "哪几条",
    }
    column_default_sort: ClassVar[Any] = [("id", True)]
    column_formatters: ClassVar[Any] = {"kind": lambda row, _: _noun(row)}
    column_formatters_detail: ClassVar[Any] = {"kind": lambda row, _: _noun(row)}

    def title_of(self, row: Any) -> str:  # noqa: ANN401 - a row
        """Say what a run was."""
        what = "撤回" if row.undoes is not None else ""
        return f"{what}{_noun(row)} · 第 {row.id} 次"

    async def get_detail_value(
        self,
        obj: Any,  # noqa: ANN401 - a row
        prop: str,
        request: Request | None = None,
    ) -> tuple[Any, Any]:
        """Name the rows of a run; what stood in them is not shown."""
        if prop != "rows":
            return await super().get_detail_value(obj, prop, request)
        said = await in_thread(self._rows, obj.id)
        return said, said

    def _rows(self, run_id: int) -> str:
        wanted = select(LoadChange.key, LoadChange.action).where(LoadChange.run_id == run_id)
        with self.office.desk.looking() as session:
            rows = session.exec(wanted.order_by(col(LoadChange.key)).limit(_SHOWN + 1)).all()
        named = "、".join(
            f"{key}（{_DONE[ChangeAction(action)]}）" for key, action in rows[:_SHOWN]
        )
        return f"{named} 等" if len(rows) > _SHOWN else named or "—"

    def deeds_of(self, row: Any) -> Sequence[Deed]:  # noqa: ANN401 - a row
        """Offer to take a run back that is in force."""
        if row.undone_by is not None or row.kind not in KINDS:
            return ()
        warning = "这一次改的每一行都回到改之前的样子，下一条消息就按那样答。"
        return (Deed(self.path_of(row, "undo"), "撤回这一次", warning),)

    @expose("/undo/{pk}", methods=["POST"])
    async def take_back(self, request: Request) -> Response:
        """Take a run back, or say why that cannot be."""
        pk = int(self.key_of(request.path_params["pk"]))
        try:
            await in_thread(self._undo, person_of(request), pk)
        except UndoError as error:
            row = await self.get_object_for_details(request)
            facts = {"model": row, "error": str(error)}
            return await self.page(request, self.details_template, facts, status=409)
        return self.done(f"{PREFIX}/{self.identity}/list", "undone")

    def _undo(self, person: Person, run_id: int) -> None:
        desk = self.office.desk
        with desk.looking() as session:
            kind = KINDS.get(session.get_one(LoadRun, run_id).kind)
        if kind is None:
            message = "这一种在这里撤回不了"
            raise UndoError(message)

        def note(session: Session, back: LoadRun) -> None:
            now = back.loaded_at
            subject = f"load:{run_id}"
            record_audit(session, actor_id=person.id, action="undo", subject=subject, now=now)

        undo(kind, run_id, database=desk.database, now=desk.clock(), note=note)


class AuditView(PlainView, model=AuditEntry):
    """Who did what; the reasons may hold what was confided, and are for auditors."""

    name = "操作记录"
    name_plural = "操作记录"
    note = "只能看。写下的缘由在工作台的“记录”里，由审计和督导看。"
    can_view_details: ClassVar[bool] = False
    column_list: ClassVar[Any] = ["action", "actor_id", "subject", "at"]
    column_labels: ClassVar[Any] = {
        "action": "做了什么",
        "actor_id": "谁",
        "subject": "对什么",
        "at": "时间",
    }
    column_default_sort: ClassVar[Any] = [("id", True)]
    column_formatters: ClassVar[Any] = {
        "actor_id": lambda row, _: getattr(row, "who", "系统"),
        "subject": lambda row, _: _say_subject(row.subject),
    }

    def title_of(self, row: Any) -> str:  # noqa: ANN401 - a row
        """Say what was done."""
        return ACTIONS.get(row.action, row.action)

    def list_query(self, request: Request) -> Select[Any]:
        """Leave the reasons where they are."""
        hidden = defer(getattr(AuditEntry, "reason"), raiseload=True)  # noqa: B009 - a column to mypy
        return super().list_query(request).options(hidden)

    async def list(self, request: Request) -> Any:  # noqa: ANN401 - sqladmin's own page
        """Put a name to each number."""
        page = await super().list(request)
        names = await in_thread(self._names)
        for row in page.rows:
            object.__setattr__(row, "who", names.get(row.actor_id, "系统"))
        return page

    def _names(self) -> dict[int | None, str]:
        with self.office.desk.looking() as session:
            return dict(session.exec(select(Volunteer.id, Volunteer.display_name)).all())


def _noun(run: Any) -> str:  # noqa: ANN401 - a row
    return KINDS[run.kind].noun if run.kind in KINDS else str(run.kind)


def _say_subject(subject: str) -> str:
    kind, _, number = subject.partition(":")
    noun = KINDS[kind].noun if kind in KINDS else NOUNS.get(kind, kind)
    return f"{noun} {number}"
