"""Nothing of a person is forgotten when they want to be."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from models import erasure
from models.contact import Contact
from models.conversation import Conversation, StoredConversation
from models.database import Database
from models.erasure import KeptBecause, erase_person, take_stock
from models.faq import UnansweredQuestion
from models.inbox import InboxEntry, ReplyKind
from models.job import JobSeeker
from models.media import Media, MediaKind
from models.messages import MessageKind
from models.note import TicketNote
from models.open_class import Enrolment, EnrolmentState, OpenClass, enrol
from models.outbox import OutboxMessage, OutboxStatus
from models.tables import metadata
from models.ticket import (
    IN_HANDS,
    Ticket,
    TicketEvent,
    TicketKind,
    TicketState,
    add_to_ticket,
    open_ticket,
)
from models.transfer import TicketTransfer, TransferState
from models.volunteer import Skill
from tests.conftest import NOON

SECRET = "程大山家在矿南街"
CLASSES = {
    "erased": erasure.ERASED,
    "blanked": erasure.BLANKED,
    "kept": frozenset(erasure.KEPT),
    "no follower": erasure.NO_FOLLOWER,
}


def names(models: frozenset[type[SQLModel]]) -> set[str]:
    """Return the names of the tables behind these models."""
    return {str(model.__tablename__) for model in models}


def new_contact(session: Session, openid: str = "oA") -> int:
    """Store a contact and return its id."""
    contact = Contact(openid=openid, first_seen_at=NOON, last_message_at=NOON, scene="station_1")
    session.add(contact)
    session.flush()
    return contact.id or 0


def fill(session: Session, contact_id: int) -> Ticket:
    """Put the secret into every place that can hold it; return the waiting ticket."""
    conversation = Conversation(said=[SECRET])
    ticket = open_ticket(
        session, contact_id=contact_id, kind=TicketKind.LAWYER, summary=SECRET, now=NOON
    )
    add_to_ticket(session, ticket, body=SECRET, now=NOON)
    ticket.draft = SECRET
    session.add_all(
        [
            TicketNote(ticket_id=ticket.id or 0, volunteer_id=1, body=SECRET, at=NOON),
            TicketTransfer(
                ticket_id=ticket.id or 0,
                from_id=1,
                to_skill=Skill.STAFF,
                reason=SECRET,
                state=TransferState.REFUSED,
                offered_at=NOON,
                expires_at=NOON,
            ),
            JobSeeker(contact_id=contact_id, name=SECRET, registered_at=NOON, updated_at=NOON),
            Media(
                message=f"key-{contact_id}",
                contact_id=contact_id,
                ticket_id=ticket.id,
                kind=MediaKind.IMAGE,
                pic_url=SECRET,
                received_at=NOON,
                not_before=NOON,
                content=SECRET.encode(),
            ),
            UnansweredQuestion(contact_id=contact_id, text=SECRET, asked_at=NOON),
            OutboxMessage(
                contact_id=contact_id, status=OutboxStatus.PARKED, body=SECRET, created_at=NOON
            ),
            StoredConversation(
                contact_id=contact_id, state=conversation.model_dump_json(), updated_at=NOON
            ),
            InboxEntry(
                dedup_key=f"key-{contact_id}",
                contact_id=contact_id,
                openid="oA",
                kind=MessageKind.TEXT,
                created_at=NOON,
                received_at=NOON,
                text=SECRET,
                details=SECRET,
                reply_kind=ReplyKind.TEXT,
                reply_text=SECRET,
            ),
        ]
    )
    session.flush()
    return ticket


def dump(database: Database) -> list[str]:
    """Return every row of every table in readable form, as the key would show it."""
    with database.transaction() as session:
        return [
            f"{table.name}: {tuple(row)}"
            for table in metadata.sorted_tables
            for row in session.connection().execute(sa.select(table)).all()
        ]


def test_every_table_has_exactly_one_rule() -> None:
    ruled = [name for models in CLASSES.values() for name in names(models)]

    assert sorted(ruled) == sorted(metadata.tables), "give a new table its rule in models.erasure"


def test_a_table_that_points_to_a_contact_speaks_of_a_person() -> None:
    holders = {"contact"}
    for table in metadata.sorted_tables:
        targets = {key.column.table.name for key in table.foreign_keys}
        if targets & holders:
            holders.add(table.name)

    assert not holders & names(erasure.NO_FOLLOWER)


def test_every_kept_table_has_a_reason() -> None:
    assert all(erasure.KEPT.values())


def test_the_words_of_a_person_are_gone_from_every_table(database: Database) -> None:
    with database.transaction() as session:
        contact_id = new_contact(session)
        fill(session, contact_id)
    assert sum(SECRET in row for row in dump(database)) >= 9

    with database.transaction() as session:
        erase_person(session, contact_id=contact_id, now=NOON)

    left = dump(database)
    assert not [row for row in left if SECRET in row or "station_1" in row]
    assert any("key-" in row for row in left)


def test_another_person_loses_nothing(database: Database) -> None:
    with database.transaction() as session:
        contact_id, other_id = new_contact(session), new_contact(session, openid="oB")
        fill(session, contact_id)
        fill(session, other_id)
    before = sum(SECRET in row for row in dump(database))

    with database.transaction() as session:
        erase_person(session, contact_id=contact_id, now=NOON)

    assert sum(SECRET in row for row in dump(database)) == before // 2


def test_a_second_erasure_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        contact_id = new_contact(session)
        fill(session, contact_id)
        erase_person(session, contact_id=contact_id, now=NOON)
    before = dump(database)

    with database.transaction() as session:
        erased = erase_person(session, contact_id=contact_id, now=NOON + timedelta(days=1))

    assert (erased.kept, erased.moved_up) == ((), ())
    assert dump(database) == before


def test_a_repeated_delivery_has_a_row_to_be_known_by(database: Database) -> None:
    with database.transaction() as session:
        contact_id = new_contact(session)
        fill(session, contact_id)
        erase_person(session, contact_id=contact_id, now=NOON)

    with database.transaction() as session:
        entry = session.exec(select(InboxEntry)).one()
        assert (entry.dedup_key, entry.reply_kind) == (f"key-{contact_id}", ReplyKind.SILENT)


@pytest.mark.parametrize(
    ("kind", "state", "risk", "because"),
    [
        (TicketKind.LAWYER, TicketState.HUMAN, 0, KeptBecause.IN_HANDS),
        (TicketKind.LAWYER, TicketState.WRAP_UP, 0, KeptBecause.IN_HANDS),
        (TicketKind.CRISIS, TicketState.QUEUED, 2, KeptBecause.ALARM),
        (TicketKind.ERROR, TicketState.QUEUED, 3, KeptBecause.ALARM),
        (TicketKind.COUNSELOR, TicketState.CLOSED, 0, KeptBecause.COUNSELLING),
        (TicketKind.COUNSELOR, TicketState.QUEUED, 1, None),
        (TicketKind.CRISIS, TicketState.CLOSED, 3, None),
        (TicketKind.LAWYER, TicketState.CLOSED, 0, None),
    ],
)
def test_only_what_must_stay_stays(
    database: Database, kind: TicketKind, state: TicketState, risk: int, because: KeptBecause | None
) -> None:
    with database.transaction() as session:
        contact_id = new_contact(session)
        ticket = open_ticket(
            session, contact_id=contact_id, kind=kind, summary=SECRET, risk=risk, now=NOON
        )
        ticket.state = state
        ticket.volunteer_id = 1 if state in IN_HANDS else None
        session.flush()
        erased = erase_person(session, contact_id=contact_id, now=NOON)

    assert [kept.because for kept in erased.kept] == ([because] if because else [])
    with database.transaction() as session:
        after = session.exec(select(Ticket)).one()
        assert after.summary == (SECRET if because else "")
        assert after.state is (state if because else TicketState.CLOSED)
        words = [event.body for event in session.exec(select(TicketEvent))]
        assert (SECRET in words) is (because is not None)


def test_the_record_of_a_counselling_goes_after_three_years(database: Database) -> None:
    with database.transaction() as session:
        contact_id = new_contact(session)
        ticket = open_ticket(
            session, contact_id=contact_id, kind=TicketKind.COUNSELOR, summary=SECRET, now=NOON
        )
        ticket.state = TicketState.CLOSED
        session.flush()
        day_before = NOON + erasure.RECORD_TIME - timedelta(days=1)
        assert erase_person(session, contact_id=contact_id, now=day_before).kept

        assert not erase_person(session, contact_id=contact_id, now=NOON + erasure.RECORD_TIME).kept


def test_seats_of_classes_to_come_are_given_back_and_past_ones_stay_counted(
    database: Database,
) -> None:
    with database.transaction() as session:
        contact_id = new_contact(session)
        for name, days in (("past", -7), ("next", 7)):
            start = NOON + timedelta(days=days)
            session.add(
                OpenClass(
                    id=name,
                    title=name,
                    starts_at=start,
                    ends_at=start + timedelta(hours=1),
                    capacity=5,
                )
            )
            session.flush()
            enrol(session, class_id=name, contact_id=contact_id, now=NOON)
        erase_person(session, contact_id=contact_id, now=NOON)

    with database.transaction() as session:
        taken = session.exec(
            select(OpenClass.id, OpenClass.seats_taken)
            .where(col(OpenClass.id).in_(["past", "next"]))
            .order_by(col(OpenClass.id))
        ).all()
        assert [tuple(row) for row in taken] == [("next", 0), ("past", 1)]
        assert not session.exec(select(Enrolment)).all()


def test_who_waited_moves_up(database: Database) -> None:
    with database.transaction() as session:
        contact_id, other_id = new_contact(session), new_contact(session, openid="oB")
        session.add(OpenClass(id="next", title="next", starts_at=NOON, ends_at=NOON, capacity=1))
        session.flush()
        for each in (contact_id, other_id):
            enrol(session, class_id="next", contact_id=each, now=NOON)
        session.flush()

        early = NOON - timedelta(hours=1)
        erased = erase_person(session, contact_id=contact_id, now=early)

        [moved] = erased.moved_up
        assert (moved.contact_id, moved.state) == (other_id, EnrolmentState.ENROLLED)


def test_stock_is_taken_by_kind(database: Database) -> None:
    with database.transaction() as session:
        contact_id = new_contact(session)
        fill(session, contact_id)
        held = take_stock(session, contact_id=contact_id, now=NOON)
        counts = (held.messages, held.unanswered, held.parked, len(held.tickets))
        assert held.seeker is not None
        assert counts == (1, 1, 1, 1)

        erase_person(session, contact_id=contact_id, now=NOON)

        held = take_stock(session, contact_id=contact_id, now=NOON)
        assert held.seeker is None
        assert (held.messages, held.unanswered, held.parked, held.tickets) == (0, 0, 0, ())
