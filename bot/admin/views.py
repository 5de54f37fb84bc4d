"""What all admin views share: the desk, who is looking, and how they are sent on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from sqladmin import ModelView
from sqlalchemy import Integer, Select, select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.admin.forms import write_cell, write_item
from bot.admin.office import Office
from bot.admin.rules import PREFIX

PAGE: Final = 25
_HIGHEST: Final = 2**31 - 1
_ANSWER: Final = "_sqladmin_after_change_response"
"""Where sqladmin looks for an answer of ours after a change."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A button on the page of one row: what it does needs a press, never a link."""

    path: str
    label: str
    warning: str = ""
    """What to know before pressing; a deed that has one is set apart."""


class PlainView(ModelView):
    """A list and a page of each row; nothing can be changed unless a view says so."""

    office: ClassVar[Office]
    can_create: ClassVar[bool] = False
    can_edit: ClassVar[bool] = False
    can_delete: ClassVar[bool] = False
    can_export: ClassVar[bool] = False
    can_import: ClassVar[bool] = False
    page_size: ClassVar[int] = PAGE
    page_size_options: ClassVar[Sequence[int]] = [PAGE]
    note: ClassVar[str] = ""
    """What to know about the whole list."""

    def title_of(self, row: Any) -> str:  # noqa: ANN401 - a row of any model
        """Return what a row is called in the list."""
        return str(getattr(row, self._list_prop_names[0]))

    def search_placeholder(self) -> str:
        """Return what can be looked for, as people write a list."""
        return "、".join(self._column_labels.get(name, name) for name in self._search_fields)

    def deeds_of(self, row: Any) -> Sequence[Deed]:  # noqa: ANN401, ARG002 - see above
        """Return what can be done with a row."""
        return ()

    def path_of(self, row: Any, what: str) -> str:  # noqa: ANN401 - see above
        """Return the address of a page about a row."""
        pk = getattr(row, self.pk_columns[0].name)
        return f"{PREFIX}/{self.identity}/{what}/{pk}"

    def _stmt_by_identifier(self, identifier: str) -> Select[Any]:
        """Find a row by its key; sqladmin takes the type of ours for no text and no number."""
        return select(self.model).where(self.pk_columns[0] == self.key_of(identifier))

    def key_of(self, identifier: str) -> int | str:
        """Return the key in an address; raise HTTPException (404) for what cannot be one."""
        if not isinstance(self.pk_columns[0].type, Integer):
            return identifier
        if not (identifier.isascii() and identifier.isdecimal()) or int(identifier) > _HIGHEST:
            raise HTTPException(status_code=404)
        return int(identifier)

    def _default_formatter(self, value: Any) -> Any:  # noqa: ANN401 - sqladmin's own
        return self._say(value)

    def _default_formatter_detail(self, value: Any) -> Any:  # noqa: ANN401 - sqladmin's own
        return self._say(value)

    def _say(self, value: object) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list):
            return "；".join(map(write_item, value)) or "—"
        return write_cell(value, zone=self.office.desk.zone) or "—"

    def answer_with(self, request: Request, response: Response) -> None:
        """Have sqladmin answer with this once the change is made."""
        setattr(request.state, _ANSWER, response)

    def done(self, row_path: str, said: str) -> Response:
        """Send the browser on, with a word about what was done."""
        url = URL(row_path).include_query_params(said=said)
        return RedirectResponse(str(url), status_code=303)

    async def page(
        self, request: Request, template: str, facts: Mapping[str, object], *, status: int = 200
    ) -> Response:
        """Render one of our own templates."""
        shared = {"model_view": self, "title": self.name}
        return await self.templates.TemplateResponse(
            request, template, {**shared, **facts}, status_code=status
        )


in_thread = run_in_threadpool
"""Database work waits, and must not keep the other requests waiting."""
