"""Notes stay with the episode, in their order, unreadable in the file, and go with an erasure."""

import sqlalchemy as sa

from models.database import Database
from models.erasure import erase_person
from models.note import add_note, list_notes
from models.volunteer import Skill
from tests.conftest import NOON
from tests.support.people import add_ticket, add_volunteer


def test_notes_are_kept_in_their_order_and_encrypted(database: Database) -> None:
    with database.transaction() as session:
        wang = add_volunteer(session, "王", Skill.LAWYER, now=NOON)
        ticket_id = add_ticket(session, "oA", now=NOON).id or 0
        for body in ("先看合同", "再问日期"):
            add_note(session, ticket_id=ticket_id, volunteer_id=wang, body=body, now=NOON)

    with database.transaction() as session:
        notes = list_notes(session, ticket_id=ticket_id)
        assert [(note.body, note.volunteer_id) for note in notes] == [
            ("先看合同", wang),
            ("再问日期", wang),
        ]
        raw = session.connection().execute(sa.text("SELECT body FROM ticket_note")).scalars().all()
    assert not [body for body in raw if "合同" in body or "日期" in body]


def test_notes_go_with_the_words_of_the_person(database: Database) -> None:
    with database.transaction() as session:
        wang = add_volunteer(session, "王", Skill.LAWYER, now=NOON)
        tickets = [add_ticket(session, openid, now=NOON) for openid in ("oA", "oB")]
        for ticket in tickets:
            add_note(session, ticket_id=ticket.id or 0, volunteer_id=wang, body="注", now=NOON)

        erase_person(session, contact_id=tickets[0].contact_id, now=NOON)

        left = [len(list_notes(session, ticket_id=ticket.id or 0)) for ticket in tickets]
    assert left == [0, 1]
