"""Answers, postings, classes, stations, figures: one row at a time through the loaders' machine.

So a change here is a load of one row: judged alike, seen by the next message, told to those whom
it concerns, kept with what it was before, and it can be taken back.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import sqlalchemy as sa
from sqladmin import expose
from sqlalchemy.engine import RowMapping
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from bot.admin.forms import SEEN, UNITS, SheetForm, write_cell, write_item
from bot.admin.reasons import say_topic
from bot.admin.rules import PREFIX
from bot.admin.views import Deed, PlainView, in_thread
from bot.asking.draft import draft_entry
from bot.console.access import Person, person_of
from bot.loading import classes, faq, figures, jobs, stations
from bot.loading.cells import BadCellError
from bot.loading.images import digest
from bot.loading.kind import Kind
from bot.loading.machine import Loader, Note
from bot.loading.removal import RemovalError, remove
from bot.loading.sheet import RawRow, Sheet
from models.audit import record_audit
from models.faq import FaqEntry
from models.job import JobPosting
from models.load_run import LoadRun
from models.local_figure import LocalFigure
from models.open_class import OpenClass
from models.station import Station

FILE_NAME: Final = "后台改的"
STALE: Final = "您打开以后，别人改过这一条。您填的还在下面；先另开一页看看新的，再回来改。"
TAKEN: Final = "这个编号已经有了，换一个；要改那一条请到它自己的页面"


class _FaultsError(Exception):
    """A row cannot be stored; by column what is wrong, under "" what concerns it all."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("a row was refused")
        self.errors = errors


class SheetView(PlainView):
    """Rows of one kind of sheet."""

    kind: ClassVar[Kind[Any]]
    can_create: ClassVar[bool] = True
    can_edit: ClassVar[bool] = True
    create_template: ClassVar[str] = "sqladmin/form.html"
    edit_template: ClassVar[str] = "sqladmin/form.html"

    async def scaffold_form(self, rules: Any = None) -> Any:  # noqa: ANN401, ARG002 - sqladmin's
        """Return what sqladmin makes a form of."""

        def make(formdata: Any = None, data: Mapping[str, str] | None = None) -> SheetForm:  # noqa: ANN401 - Starlette's
            return SheetForm(self.kind.columns, data or formdata or {}, fixed=self._fixed(data))

        return make

    def _fixed(self, data: Mapping[str, str] | None) -> frozenset[str]:
        return frozenset({self.kind.key}) if data and data.get(SEEN) else frozenset()

    async def get_form_data_for_edit(self, obj: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
        """Return the row as a sheet would have it."""
        stored = {name: getattr(obj, name) for name in self.kind.model.model_fields}
        return self._cells(stored)

    def _cells(self, stored: Mapping[str, object]) -> dict[str, Any]:
        zone = self.office.desk.zone
        cells = {c.name: write_cell(stored[c.name], zone=zone) for c in self.kind.columns}
        return {**cells, SEEN: digest(stored, self.kind.owned)}

    async def insert_model(self, request: Request, data: dict[str, Any]) -> Any:  # noqa: ANN401
        """Store a new row, or show the form again with what is wrong."""
        await self._save(request, data, pk=None)

    async def update_model(self, request: Request, pk: str, data: dict[str, Any]) -> Any:  # noqa: ANN401
        """Store a changed row, or show the form again with what is wrong."""
        await self._save(request, data, pk=pk)

    async def _save(self, request: Request, data: dict[str, Any], *, pk: str | None) -> None:
        try:
            key = await in_thread(self._store, person_of(request), data, pk)
        except _FaultsError as fault:
            form = SheetForm(
                self.kind.columns,
                data,
                fixed=frozenset({self.kind.key}) if pk else frozenset(),
                errors=fault.errors,
            )
            facts = {"form": form, "error": fault.errors.get("", ""), "is_new": pk is None}
            page = await self.page(request, self.edit_template, facts, status=422)
            self.answer_with(request, page)
            return
        path = f"{PREFIX}/{self.identity}/details/{key}"
        self.answer_with(request, self.done(path, "saved"))

    def _store(self, person: Person, data: Mapping[str, str], pk: str | None) -> str:
        """Load the row as a sheet of its own; return by what sqladmin finds it."""
        kind = self.kind
        key = self._key_of_new(data) if pk is None else self._key_of_known(pk, data[SEEN])
        cells = {column.titles[0]: str(data[column.name]) for column in kind.columns}
        cells[kind.columns[0].titles[0]] = key
        self._load(cells, _note(kind, person, key, "admin_add" if pk is None else "admin_change"))
        found = self._find(kind.key, key)
        return str(found[self.pk_columns[0].name]) if found is not None else ""

    def _key_of_new(self, data: Mapping[str, str]) -> str:
        try:
            key = str(self.kind.columns[0].parse(data[self.kind.key]))
        except BadCellError as error:
            raise _FaultsError({self.kind.key: str(error)}) from error
        if key == self.kind.example_key or self._find(self.kind.key, key) is not None:
            raise _FaultsError({self.kind.key: TAKEN})
        return key

    def _key_of_known(self, pk: str, seen: str) -> str:
        stored = self._find_pk(pk)
        if stored is None or digest(dict(stored), self.kind.owned) != seen:
            raise _FaultsError({"": STALE})
        return str(stored[self.kind.key])

    def _load(self, cells: Mapping[str, str], note: Note) -> None:
        desk = self.office.desk
        loader = Loader(self.kind, database=desk.database, now=desk.clock(), note=note)
        report = loader.load(Sheet(iter([RawRow(1, cells)]), 1), file_name=FILE_NAME)
        if report.rejected:
            fault = report.rejected[0]
            column = loader.judge.book.find(fault.field)
            raise _FaultsError({column.name if column else "": fault.reason})

    def _find(self, column: str, value: object) -> RowMapping | None:
        table = self.kind.table
        with self.office.desk.database.reading() as connection:
            wanted = sa.select(table).where(table.c[column] == value)
            return connection.execute(wanted).mappings().first()

    def _find_pk(self, pk: str) -> RowMapping | None:
        return self._find(self.pk_columns[0].name, self.key_of(pk))

    def deeds_of(self, row: Any) -> Sequence[Deed]:  # noqa: ANN401 - a row of any model
        """Offer to take the row away."""
        warning = "删掉以后，机器人马上不再提它。删错了可以在“改动和撤回”里找回来。"
        return (Deed(self.path_of(row, "removal"), f"删掉这条{self.kind.noun}", warning),)

    @expose("/removal/{pk:path}", methods=["POST"])
    async def remove_row(self, request: Request) -> Response:
        """Take a row away; it can be brought back as a load can."""
        pk = request.path_params["pk"]
        try:
            await in_thread(self._remove, person_of(request), pk)
        except RemovalError as error:
            row = await self.get_object_for_details(request)
            facts = {"model": row, "error": str(error)}
            return await self.page(request, self.details_template, facts, status=409)
        return self.done(f"{PREFIX}/{self.identity}/list", "removed")

    def _remove(self, person: Person, pk: str) -> None:
        stored = self._find_pk(pk)
        if stored is None:
            message = "这一条已经不在了"
            raise RemovalError(message)
        key, desk = str(stored[self.kind.key]), self.office.desk
        note = _note(self.kind, person, key, "admin_remove")
        now = desk.clock()
        remove(self.kind, key, database=desk.database, now=now, file_name=FILE_NAME, note=note)


def _note(kind: Kind[Any], person: Person, key: str, action: str) -> Note:
    def note(session: Session, run: LoadRun) -> None:
        subject = f"{kind.name}:{key}"[:80]
        now = run.loaded_at
        record_audit(session, actor_id=person.id, action=action, subject=subject, now=now)

    return note


def _labels(kind: Kind[Any], **more: str) -> dict[str, str]:
    return {column.name: column.titles[0] for column in kind.columns} | more


def _name_topic(topic: str) -> str:
    """Return a topic in words, with what stands for it in the form where that differs."""
    said = say_topic(topic)
    return f"{said}（{topic}）" if said != topic else topic or "—"


class FaqView(SheetView, model=FaqEntry):
    """The answers."""

    kind = faq.KIND
    name = "问答"
    name_plural = "问答"
    note = "改了马上用上；写法律的要填依据。"
    column_list: ClassVar[Any] = ["question", "topic", "id", "valid_until", "updated_at"]
    column_details_list: ClassVar[Any] = [
        *(c.name for c in faq.KIND.columns),
        "is_demo",
        "updated_at",
    ]
    column_labels: ClassVar[Any] = _labels(faq.KIND, updated_at="改于", is_demo="演示用的")
    column_searchable_list: ClassVar[Any] = ["id", "question", "answer", "topic"]
    column_default_sort: ClassVar[Any] = [("updated_at", True), ("id", False)]
    column_formatters: ClassVar[Any] = {"topic": lambda row, _: say_topic(row.topic) or "—"}
    column_formatters_detail: ClassVar[Any] = {
        "topic": lambda row, _: _name_topic(row.topic),
        "citations": lambda row, _: "；".join(map(write_item, row.citations)) or "—",
    }

    @expose("/draft/{asked}", methods=["GET"])
    async def draft(self, request: Request) -> Response:
        """Begin an entry with the words in which people asked."""
        values = await in_thread(self._draft, request.path_params["asked"])
        form = SheetForm(self.kind.columns, values)
        said = "" if values else "这个问题已经答上了，或者不在近 90 天里。"
        facts = {"form": form, "error": said, "is_new": True}
        return await self.page(request, self.create_template, facts)

    def _draft(self, asked: str) -> dict[str, str]:
        group = (
            self.office.find_asked(int(asked)) if asked.isascii() and asked.isdecimal() else None
        )
        if group is None:
            return {}
        entry = draft_entry(group)
        return {
            "id": str(entry["id"]),
            "question": str(entry["question"]),
            "similar": write_cell(entry["similar"], zone=self.office.desk.zone),
        }


def _say_pay(row: Any) -> str:  # noqa: ANN401 - a row
    """Return the highest pay with its unit: 4 yuan may be for a piece."""
    return "—" if row.salary_max is None else f"{row.salary_max}{UNITS[row.salary_unit]}"


class JobView(SheetView, model=JobPosting):
    """The postings."""

    kind = jobs.KIND
    name = "岗位"
    name_plural = "岗位"
    column_list: ClassVar[Any] = [
        "title",
        "employer",
        "district",
        "salary_max",
        "valid_until",
        "source_id",
    ]
    column_details_list: ClassVar[Any] = [
        *(c.name for c in jobs.KIND.columns),
        "posted_at",
        "withdrawn_at",
    ]
    column_labels: ClassVar[Any] = _labels(jobs.KIND, posted_at="登上来", withdrawn_at="撤下")
    column_searchable_list: ClassVar[Any] = [
        "source_id",
        "title",
        "employer",
        "district",
        "category",
    ]
    column_default_sort: ClassVar[Any] = [("posted_at", True), ("id", True)]
    column_formatters: ClassVar[Any] = {"salary_max": lambda row, _: _say_pay(row)}


class ClassView(SheetView, model=OpenClass):
    """The evenings of the open class."""

    kind = classes.KIND
    name = "课程"
    name_plural = "课程"
    note = "改了时间、地点、链接，或者取消，报了名的人会收到通知。"
    column_list: ClassVar[Any] = ["title", "starts_at", "capacity", "seats_taken", "is_cancelled"]
    column_details_list: ClassVar[Any] = [*(c.name for c in classes.KIND.columns), "seats_taken"]
    column_labels: ClassVar[Any] = _labels(
        classes.KIND, seats_taken="已报名", is_cancelled="取消了"
    )
    column_searchable_list: ClassVar[Any] = ["id", "title", "speaker"]
    column_default_sort: ClassVar[Any] = [("starts_at", True)]


class StationView(SheetView, model=Station):
    """The stations."""

    kind = stations.KIND
    name = "驿站"
    name_plural = "驿站"
    column_list: ClassVar[Any] = ["name", "address", "hours", "id"]
    column_details_list: ClassVar[Any] = [c.name for c in stations.KIND.columns]
    column_labels: ClassVar[Any] = _labels(stations.KIND)
    column_searchable_list: ClassVar[Any] = ["id", "name", "address"]
    column_default_sort: ClassVar[Any] = [("id", False)]


class FigureView(SheetView, model=LocalFigure):
    """The dated figures of the region."""

    kind = figures.KIND
    name = "本地数字"
    name_plural = "本地数字"
    note = "每个数有生效日和失效日。新的一年另加一条，旧的不要改，算旧账还要用。"
    column_list: ClassVar[Any] = ["name", "region", "value", "unit", "valid_from", "valid_until"]
    column_details_list: ClassVar[Any] = [c.name for c in figures.KIND.columns]
    column_labels: ClassVar[Any] = _labels(figures.KIND)
    column_searchable_list: ClassVar[Any] = ["id", "region", "source"]
    column_default_sort: ClassVar[Any] = [("valid_until", True), ("id", False)]
    column_formatters: ClassVar[Any] = {"name": lambda row, _: row.name.spoken}
    column_formatters_detail: ClassVar[Any] = {"name": lambda row, _: row.name.spoken}

    def title_of(self, row: Any) -> str:  # noqa: ANN401 - a row
        """Return what people call the figure."""
        return str(row.name.spoken)
