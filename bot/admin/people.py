"""The people who help: who they are to others, what they may do, whether they may come in.

Full names, password hashes and WeChat accounts are on no page: a name can be written, not read.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from sqladmin import expose
from sqlalchemy import Select
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from bot.admin.forms import SheetForm
from bot.admin.rules import PREFIX
from bot.admin.views import Deed, PlainView, in_thread
from bot.console.access import Person, person_of
from bot.console.words import ROLES, SKILLS
from bot.loading.people import SHEET, read_person
from bot.loading.people import Person as Told
from bot.loading.report import Rejection
from bot.volunteers import RefusedError, Save, Saved
from models.audit import record_audit
from models.volunteer import (
    LastAdminError,
    Skill,
    Volunteer,
    VolunteerSkill,
    check_admin_stays,
    set_active,
)
from models.volunteer_session import revoke_sessions

LAST_ADMIN: Final = "这是最后一个能进后台的管理员，先再加一个。"
_NEW, _CHANGED, _RESET = "volunteer_add", "volunteer_change", "volunteer_password"


class VolunteerView(PlainView, model=Volunteer):
    """Who helps."""

    name = "志愿者"
    name_plural = "志愿者"
    note = "这里只有称呼，没有真名；真名只能填，不能看。"
    can_create: ClassVar[bool] = True
    can_edit: ClassVar[bool] = True
    create_template: ClassVar[str] = "sqladmin/form.html"
    edit_template: ClassVar[str] = "sqladmin/form.html"
    column_list: ClassVar[Any] = ["display_name", "role", "username", "is_active", "released"]
    column_details_list: ClassVar[Any] = [
        *("display_name", "username", "role", "skills", "is_active", "is_paused"),
        *("released", "must_change_password", "created_at"),
    ]
    column_labels: ClassVar[Any] = {
        "display_name": "称呼",
        "username": "用户名",
        "role": "角色",
        "skills": "技能",
        "is_active": "能登录",
        "is_paused": "在歇着",
        "released": "放行了",
        "must_change_password": "要换密码",
        "created_at": "加入",
    }
    column_searchable_list: ClassVar[Any] = ["username", "display_name"]
    column_default_sort: ClassVar[Any] = [("is_active", True), ("id", False)]
    column_formatters: ClassVar[Any] = {"role": lambda row, _: ROLES[row.role]}

    def list_query(self, request: Request) -> Select[Any]:
        """Leave out what nobody may see, so that no template can show it."""
        return super().list_query(request).options(*_HIDDEN)

    def form_details_query(self, request: Request) -> Select[Any]:
        """Leave out what nobody may see, so that no template can show it."""
        return super().form_details_query(request).options(*_HIDDEN)

    async def get_detail_value(
        self,
        obj: Any,  # noqa: ANN401 - a row
        prop: str,
        request: Request | None = None,
    ) -> tuple[Any, Any]:
        """Say roles and skills in words."""
        if prop == "role":
            return obj.role, ROLES[obj.role]
        if prop == "skills":
            said = await in_thread(self._skills, obj.id)
            return said, said or "—"
        return await super().get_detail_value(obj, prop, request)

    def _skills(self, volunteer_id: int) -> str:
        with self.office.desk.looking() as session:
            rows = session.exec(
                select(VolunteerSkill.skill).where(VolunteerSkill.volunteer_id == volunteer_id)
            ).all()
        return "、".join(SKILLS[Skill(skill)] for skill in sorted(rows))

    async def scaffold_form(self, rules: Any = None) -> Any:  # noqa: ANN401, ARG002 - sqladmin's
        """Return what sqladmin makes a form of."""

        def make(formdata: Any = None, data: Mapping[str, str] | None = None) -> SheetForm:  # noqa: ANN401 - Starlette's
            fixed = frozenset({"username"}) if data else frozenset()
            return SheetForm(SHEET.columns, data or formdata or {}, fixed=fixed)

        return make

    async def get_form_data_for_edit(self, obj: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
        """Return what may be changed; the name stays empty, and stays as it is."""
        return {
            "username": obj.username,
            "display": obj.display_name,
            "role": ROLES[obj.role],
            "skill": await in_thread(self._skills, obj.id),
        }

    async def insert_model(self, request: Request, data: dict[str, Any]) -> Any:  # noqa: ANN401
        """Add somebody; the first password is shown once."""
        await self._save(request, data, pk=None)

    async def update_model(self, request: Request, pk: str, data: dict[str, Any]) -> Any:  # noqa: ANN401
        """Change what is known of somebody."""
        await self._save(request, data, pk=int(self.key_of(pk)))

    async def _save(self, request: Request, data: dict[str, Any], *, pk: int | None) -> None:
        try:
            saved = await in_thread(self._store, person_of(request), data, pk)
        except RefusedError as error:
            fixed = frozenset({"username"}) if pk is not None else frozenset[str]()
            form = SheetForm(SHEET.columns, data, fixed=fixed, errors={error.field: str(error)})
            facts = {"form": form, "error": "", "is_new": pk is None}
            page = await self.page(request, "sqladmin/form.html", facts, status=422)
            self.answer_with(request, page)
            return
        self.answer_with(request, await self._show(request, saved))

    async def _show(self, request: Request, saved: Saved) -> Response:
        if saved.password is None:
            return self.done(f"{PREFIX}/{self.identity}/details/{saved.id}", "saved")
        return await self.page(request, "sqladmin/password.html", {"saved": saved})

    def _store(self, person: Person, data: Mapping[str, str], pk: int | None) -> Saved:
        desk = self.office.desk
        with desk.database.transaction() as session:
            known = session.get(Volunteer, pk) if pk is not None else None
            told = _read(data, known)
            if pk is None and _is_taken(session, told.username):
                message = "这个用户名已经有人用了，换一个"
                raise RefusedError(message)
            save = Save(update=True, reset=False, now=desk.clock())
            saved = save(session, told, password=None)
            _check(session)
            action = _NEW if pk is None else _CHANGED
            _note(session, person, saved.id, action, self.office.desk.clock())
        return saved

    def deeds_of(self, row: Any) -> Sequence[Deed]:  # noqa: ANN401 - a row
        """Offer to let somebody in or no longer, and a new password."""
        password = Deed(
            self.path_of(row, "password"),
            "给一个新密码",
            "旧密码马上作废，他在别处的登录也断开。新密码只显示一次。",
        )
        if not row.is_active:
            return (Deed(self.path_of(row, "activity"), "让他再进来"),)
        off = "他马上登录不了，也不再派事给他；手里的事过一会儿自动回到排队。"
        return (password, Deed(self.path_of(row, "activity"), "不让他再进来", off))

    @expose("/activity/{pk}", methods=["POST"])
    async def turn(self, request: Request) -> Response:
        """Let somebody in again, or no longer."""
        pk = int(self.key_of(request.path_params["pk"]))
        try:
            await in_thread(self._turn, person_of(request), pk)
        except LastAdminError:
            row = await self.get_object_for_details(request)
            facts = {"model": row, "error": LAST_ADMIN}
            return await self.page(request, self.details_template, facts, status=409)
        return self.done(f"{PREFIX}/{self.identity}/details/{pk}", "saved")

    def _turn(self, person: Person, pk: int) -> None:
        now = self.office.desk.clock()
        with self.office.desk.database.transaction() as session:
            is_active = not session.get_one(Volunteer, pk).is_active
            set_active(session, volunteer_id=pk, is_active=is_active)
            if not is_active:
                revoke_sessions(session, volunteer_id=pk, now=now)
            _note(session, person, pk, "volunteer_on" if is_active else "volunteer_off", now)

    @expose("/password/{pk}", methods=["POST"])
    async def reset(self, request: Request) -> Response:
        """Make a new password and show it once."""
        pk = int(self.key_of(request.path_params["pk"]))
        saved = await in_thread(self._reset, person_of(request), pk)
        return await self._show(request, saved)

    def _reset(self, person: Person, pk: int) -> Saved:
        now = self.office.desk.clock()
        with self.office.desk.database.transaction() as session:
            known = session.get_one(Volunteer, pk)
            told = Told(username=known.username, name=known.name)
            saved = Save(update=True, reset=True, now=now)(session, told, password=None)
            _note(session, person, pk, _RESET, now)
        return saved


_HIDDEN: Final = tuple(
    defer(getattr(Volunteer, name), raiseload=True) for name in ("name", "password_hash", "openid")
)


def _read(data: Mapping[str, str], known: Volunteer | None) -> Told:
    fields = dict(data)
    if known is not None:
        fields |= {"username": known.username, "name": data["name"].strip() or known.name}
    told = read_person({c.titles[0]: fields.get(c.name, "") for c in SHEET.columns})
    if isinstance(told, Rejection):
        column = next((c for c in SHEET.columns if c.titles[0] == told.field), SHEET.columns[0])
        raise RefusedError(told.reason, field=column.name)
    return told


def _is_taken(session: Session, username: str) -> bool:
    taken = select(Volunteer.id).where(col(Volunteer.username) == username)
    return session.exec(taken).first() is not None


def _check(session: Session) -> None:
    try:
        check_admin_stays(session)
    except LastAdminError as error:
        raise RefusedError(LAST_ADMIN, field="role") from error


def _note(session: Session, person: Person, volunteer_id: int, action: str, now: datetime) -> None:
    subject = f"volunteer:{volunteer_id}"
    record_audit(session, actor_id=person.id, action=action, subject=subject, now=now)
