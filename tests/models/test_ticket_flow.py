"""The ways of a ticket through people's hands."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models import ticket_flow as flow
from models.audit import AuditEntry
from models.block import (
    BlockLength,
    BlockReason,
    avoid_contact,
    block_contact,
    find_block,
    lift_blocks,
    list_skipped_kinds,
    skip_kinds,
)
from models.contact import Contact
from models.database import Database
from models.ticket import (
    LEASE,
    QUIET_LEASE,
    Outcome,
    Ticket,
    TicketEvent,
    TicketEventKind,
    TicketKind,
    TicketState,
    add_to_ticket,
    list_events,
    open_ticket,
)
from models.ticket_flow import Refusal
from models.transfer import list_offers
from models.volunteer import Role, Skill, Volunteer, end_rest, set_paused
from tests.conftest import NOON
from tests.support.people import add_contact, add_ticket, add_volunteer

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


@pytest.fixture
def wang(session: Session) -> int:
    return add_volunteer(session, "王", Skill.LAWYER, now=NOON)


@pytest.fixture
def li(session: Session) -> int:
    return add_volunteer(session, "李", Skill.LAWYER, now=NOON)


@pytest.fixture
def boss(session: Session) -> int:
    return add_volunteer(session, "督", now=NOON, role=Role.SUPERVISOR, max_active=3)


@pytest.fixture
def ticket(session: Session) -> Ticket:
    return add_ticket(session, "oA", now=NOON)


def take(session: Session, ticket: Ticket, volunteer_id: int) -> Ticket:
    """Let the volunteer claim the ticket at noon."""
    return flow.claim(session, ticket_id=ticket.id or 0, volunteer_id=volunteer_id, now=NOON)


def refusal_of(session: Session, ticket: Ticket, volunteer_id: int) -> Refusal:
    """Return why the claim of the volunteer is refused."""
    with pytest.raises(flow.ClaimRefusedError) as caught:
        take(session, ticket, volunteer_id)
    return caught.value.reason


def history(session: Session, ticket: Ticket) -> list[tuple[TicketEventKind, int | None]]:
    """Return what happened, with who did it."""
    return [
        (event.kind, event.actor_id) for event in list_events(session, ticket_id=ticket.id or 0)
    ]


def volunteer_of(session: Session, volunteer_id: int) -> Volunteer:
    session.flush()
    return session.get_one(Volunteer, volunteer_id, populate_existing=True)


# Opening


@pytest.mark.parametrize(
    ("kind", "skill"),
    [
        (TicketKind.LAWYER, Skill.LAWYER),
        (TicketKind.CAREER, Skill.CAREER),
        (TicketKind.COUNSELOR, Skill.COUNSELOR),
        (TicketKind.CRISIS, Skill.COUNSELOR),
        (TicketKind.STAFF, Skill.STAFF),
        (TicketKind.AID, Skill.STAFF),
        (TicketKind.PRIVACY, Skill.STAFF),
        (TicketKind.ERROR, Skill.STAFF),
    ],
)
def test_the_kind_says_who_is_to_take_it(session: Session, kind: TicketKind, skill: Skill) -> None:
    opened = add_ticket(session, "oA", kind=kind, now=NOON)

    assert opened.skill is skill


def test_a_ticket_made_by_hand_has_the_skill_of_its_kind(session: Session) -> None:
    contact_id = add_contact(session, "oA", now=NOON)
    made = Ticket(contact_id=contact_id, kind=TicketKind.CRISIS, opened_at=NOON, updated_at=NOON)
    session.add(made)
    session.flush()

    session.refresh(made)
    assert made.skill is Skill.COUNSELOR


def test_a_graver_wish_of_the_same_kind_moves_the_ticket_forward(session: Session) -> None:
    first = add_ticket(session, "oA", now=NOON)
    other = add_ticket(session, "oB", now=NOON - HOUR)
    assert flow.queue_position(session, first, NOON) == 1

    joined = open_ticket(
        session,
        contact_id=first.contact_id,
        kind=TicketKind.LAWYER,
        summary="再说",
        risk=1,
        now=NOON + MINUTE,
    )

    assert joined.id == first.id
    assert flow.queue_position(session, joined, NOON) == 0
    assert flow.queue_position(session, other, NOON) == 1
    kinds = [kind for kind, _ in history(session, first)]
    assert kinds == [
        TicketEventKind.OPENED,
        TicketEventKind.RISK_RAISED,
        TicketEventKind.CONTACT_WROTE,
    ]


# Claiming


def test_a_claim_gives_the_ticket_an_owner_and_a_lease(
    session: Session, wang: int, ticket: Ticket
) -> None:
    opened_at, version = ticket.opened_at, ticket.version

    taken = take(session, ticket, wang)

    assert (taken.state, taken.volunteer_id) == (TicketState.HUMAN, wang)
    assert (taken.claimed_at, taken.lease_until) == (NOON, NOON + LEASE)
    assert (taken.opened_at, taken.version) == (opened_at, version + 1)
    assert history(session, taken)[-1] == (TicketEventKind.CLAIMED, wang)


def test_the_loser_is_told_who_won(session: Session, wang: int, li: int, ticket: Ticket) -> None:
    take(session, ticket, wang)

    with pytest.raises(flow.ClaimLostError) as caught:
        take(session, ticket, li)

    assert caught.value.winner == "王"
    assert [kind for kind, _ in history(session, ticket)].count(TicketEventKind.CLAIMED) == 1


def test_the_loser_of_a_ticket_that_is_over_by_now_is_told_who_had_it(
    session: Session, wang: int, li: int, ticket: Ticket
) -> None:
    taken = take(session, ticket, wang)
    finish(session, taken, wang)

    with pytest.raises(flow.ClaimLostError) as caught:
        take(session, ticket, li)
    assert caught.value.winner == "王"


def test_a_second_tap_changes_nothing(session: Session, wang: int, ticket: Ticket) -> None:
    version = take(session, ticket, wang).version

    assert take(session, ticket, wang).version == version
    assert len(history(session, ticket)) == 2


def test_a_ticket_that_nobody_holds_any_more_is_refused(
    session: Session, wang: int, ticket: Ticket
) -> None:
    flow.cancel_waiting(session, contact_id=ticket.contact_id, now=NOON)

    assert refusal_of(session, ticket, wang) is Refusal.NOT_WAITING


def test_a_second_volunteer_cannot_take_another_ticket_of_the_same_contact(
    session: Session, wang: int, boss: int, ticket: Ticket
) -> None:
    second = open_ticket(
        session, contact_id=ticket.contact_id, kind=TicketKind.CAREER, summary="活", now=NOON
    )
    take(session, ticket, wang)

    with pytest.raises(flow.ClaimLostError) as caught:
        take(session, second, boss)
    assert caught.value.winner == "王"
    assert flow.claim_next(session, volunteer_id=boss, now=NOON) is None

    finish(session, session.get_one(Ticket, ticket.id), wang)
    following = flow.claim_next(session, volunteer_id=boss, now=NOON)
    assert following is not None
    assert following.id == second.id


def _without_skill(session: Session, _ticket: Ticket) -> int:
    return add_volunteer(session, "别", Skill.CAREER, now=NOON)


def _resting(session: Session, _ticket: Ticket) -> int:
    volunteer_id = add_volunteer(session, "歇", Skill.LAWYER, now=NOON)
    volunteer_of(session, volunteer_id).rest_until = NOON + MINUTE
    return volunteer_id


def _paused(session: Session, _ticket: Ticket) -> int:
    volunteer_id = add_volunteer(session, "停", Skill.LAWYER, now=NOON)
    set_paused(session, volunteer_id=volunteer_id, is_paused=True)
    return volunteer_id


def _gone(session: Session, _ticket: Ticket) -> int:
    volunteer_id = add_volunteer(session, "走", Skill.LAWYER, now=NOON)
    volunteer_of(session, volunteer_id).is_active = False
    return volunteer_id


def _full(session: Session, _ticket: Ticket) -> int:
    volunteer_id = add_volunteer(session, "满", Skill.LAWYER, now=NOON)
    take(session, add_ticket(session, "oFull", now=NOON), volunteer_id)
    return volunteer_id


def _skipping(session: Session, _ticket: Ticket) -> int:
    volunteer_id = add_volunteer(session, "挑", Skill.LAWYER, now=NOON)
    skip_kinds(session, volunteer_id=volunteer_id, kinds=frozenset({TicketKind.LAWYER}))
    return volunteer_id


def _avoiding(session: Session, ticket: Ticket) -> int:
    volunteer_id = add_volunteer(session, "避", Skill.LAWYER, now=NOON)
    for _ in range(2):
        avoid_contact(session, volunteer_id=volunteer_id, contact_id=ticket.contact_id, now=NOON)
    return volunteer_id


def _admin(session: Session, _ticket: Ticket) -> int:
    return add_volunteer(session, "管", Skill.LAWYER, now=NOON, role=Role.ADMIN)


def _of_blocked_contact(session: Session, ticket: Ticket) -> int:
    volunteer_id = add_volunteer(session, "律", Skill.LAWYER, now=NOON)
    block(session, ticket, volunteer_id)
    return volunteer_id


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_without_skill, Refusal.NO_SKILL),
        (_resting, Refusal.RESTING),
        (_paused, Refusal.PAUSED),
        (_gone, Refusal.NOT_ALLOWED),
        (_admin, Refusal.NOT_ALLOWED),
        (_full, Refusal.FULL),
        (_skipping, Refusal.SKIPPED),
        (_avoiding, Refusal.AVOIDED),
        (_of_blocked_contact, Refusal.CONTACT_BLOCKED),
    ],
)
def test_who_cannot_take_it_is_told_why_and_is_not_offered_it(
    session: Session, ticket: Ticket, make: Callable[[Session, Ticket], int], reason: Refusal
) -> None:
    volunteer_id = make(session, ticket)

    assert refusal_of(session, ticket, volunteer_id) is reason
    ticket_id = ticket.id or 0
    why = flow.why_not(session, ticket_id=ticket_id, volunteer_id=volunteer_id, now=NOON)
    assert why is reason
    assert flow.claim_next(session, volunteer_id=volunteer_id, now=NOON) is None
    assert session.get_one(Ticket, ticket.id).state is TicketState.QUEUED


def test_a_volunteer_may_hold_as_many_as_their_cap(session: Session) -> None:
    volunteer_id = add_volunteer(session, "王", Skill.LAWYER, now=NOON, max_active=2)
    for number in range(3):
        add_ticket(session, f"o{number}", now=NOON)

    taken = [flow.claim_next(session, volunteer_id=volunteer_id, now=NOON) for _ in range(3)]

    assert [ticket is not None for ticket in taken] == [True, True, False]


def test_a_supervisor_may_take_every_skill(session: Session, boss: int, ticket: Ticket) -> None:
    assert take(session, ticket, boss).volunteer_id == boss


def test_a_crisis_that_no_counsellor_takes_is_offered_to_staff_after_five_minutes(
    session: Session,
) -> None:
    staff = add_volunteer(session, "员", Skill.STAFF, now=NOON)
    lawyer = add_volunteer(session, "律", Skill.LAWYER, now=NOON)
    crisis = add_ticket(session, "oA", kind=TicketKind.CRISIS, risk=3, now=NOON)
    assert refusal_of(session, crisis, staff) is Refusal.NO_SKILL

    later = NOON + 5 * MINUTE
    assert flow.claim_next(session, volunteer_id=lawyer, now=later) is None
    assert flow.claim_next(session, volunteer_id=staff, now=later) is not None


def test_the_database_itself_refuses_a_held_ticket_without_an_owner(
    session: Session, ticket: Ticket
) -> None:
    statement = sa.text("UPDATE ticket SET state = 'human' WHERE id = :id")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.connection().execute(statement, {"id": ticket.id})


# Order


def test_the_graver_comes_first_then_who_has_waited_longer(session: Session) -> None:
    volunteer_id = add_volunteer(session, "督", now=NOON, role=Role.SUPERVISOR, max_active=9)
    wanted = [("oGravest", 3, 0), ("oGrave", 2, 1), ("oAged", 0, 300), ("oSad", 1, 30)]
    wanted += [("oLong", 0, 60), ("oShort", 0, 5)]
    for openid, risk, minutes in reversed(wanted):
        add_ticket(session, openid, risk=risk, now=NOON - minutes * MINUTE)

    taken = []
    while (ticket := flow.claim_next(session, volunteer_id=volunteer_id, now=NOON)) is not None:
        taken.append(ticket.summary)
    assert taken == [openid for openid, _, _ in wanted]


def test_the_place_that_is_told_is_the_place_that_is_served(session: Session) -> None:
    volunteer_id = add_volunteer(session, "督", now=NOON, role=Role.SUPERVISOR, max_active=99)
    for number in range(12):
        add_ticket(session, f"o{number}", risk=number % 4, now=NOON - number * HOUR)
    told = {
        ticket.id: flow.queue_position(session, ticket, NOON)
        for ticket in session.exec(select(Ticket))
    }

    served = [flow.claim_next(session, volunteer_id=volunteer_id, now=NOON) for _ in range(12)]

    assert [told[ticket.id] for ticket in served if ticket is not None] == list(range(12))


def test_only_people_who_wait_for_the_same_skill_are_counted_and_each_once(
    session: Session, wang: int
) -> None:
    first = add_ticket(session, "oA", now=NOON - HOUR)
    add_ticket(session, "oB", kind=TicketKind.CAREER, now=NOON - HOUR)
    held = add_ticket(session, "oC", now=NOON - 2 * HOUR)
    mine = add_ticket(session, "oD", now=NOON)
    take(session, held, wang)

    assert flow.queue_position(session, mine, NOON) == 1
    assert flow.queue_position(session, first, NOON) == 0
    assert flow.queue_position(session, session.get_one(Ticket, held.id), NOON) is None


def test_what_waits_is_listed_in_order_also_for_who_is_busy(session: Session, wang: int) -> None:
    take(session, add_ticket(session, "oA", now=NOON), wang)
    second = add_ticket(session, "oB", now=NOON - MINUTE)
    third = add_ticket(session, "oC", now=NOON)
    add_ticket(session, "oD", kind=TicketKind.COUNSELOR, now=NOON)

    listed = flow.list_waiting(session, volunteer_id=wang, now=NOON)

    assert [ticket.id for ticket in listed] == [second.id, third.id]


def test_what_a_former_release_opened_is_served_by_the_time_it_was_opened(
    session: Session, wang: int
) -> None:
    add_ticket(session, "oA", now=NOON)
    old = add_ticket(session, "oB", now=NOON - HOUR)
    old.queued_at = old.priority_since = None
    session.flush()

    first = flow.claim_next(session, volunteer_id=wang, now=NOON)

    assert first is not None
    assert first.id == old.id


# Whose turn it is


def test_after_a_reply_it_is_the_contacts_turn_and_after_their_message_the_volunteers(
    session: Session, wang: int, ticket: Ticket
) -> None:
    take(session, ticket, wang)
    ticket_id = ticket.id or 0
    flow.save_draft(session, ticket_id=ticket_id, volunteer_id=wang, draft="您好", now=NOON)

    replied = flow.record_reply(session, ticket_id=ticket_id, volunteer_id=wang, now=NOON + MINUTE)
    assert (replied.state, replied.draft) == (TicketState.WAITING_CONTACT, "")
    assert replied.lease_until == NOON + MINUTE + QUIET_LEASE
    assert replied.last_reply_at == NOON + MINUTE

    add_to_ticket(session, replied, body="在", now=NOON + HOUR)
    assert (replied.state, replied.last_contact_at) == (TicketState.HUMAN, NOON + HOUR)
    assert replied.lease_until == NOON + HOUR + LEASE


def test_what_the_contact_writes_while_it_is_wrapped_up_opens_the_conversation_again(
    session: Session, wang: int, ticket: Ticket
) -> None:
    take(session, ticket, wang)
    wrapped = flow.wrap_up(session, ticket_id=ticket.id or 0, volunteer_id=wang, now=NOON)
    assert wrapped.state is TicketState.WRAP_UP

    add_to_ticket(session, wrapped, body="还有", now=NOON)

    assert (wrapped.state, wrapped.volunteer_id) == (TicketState.HUMAN, wang)


def test_a_reply_to_an_older_message_is_held(session: Session, wang: int, ticket: Ticket) -> None:
    taken = take(session, ticket, wang)
    seen = taken.last_contact_at
    add_to_ticket(session, taken, body="他说没钱", now=NOON + MINUTE)

    ticket_id = ticket.id or 0
    with pytest.raises(flow.StaleTicketError):
        flow.record_reply(session, ticket_id=ticket_id, volunteer_id=wang, now=NOON, seen=seen)
    assert session.get_one(Ticket, ticket.id).state is TicketState.HUMAN

    sent = flow.record_reply(
        session, ticket_id=ticket_id, volunteer_id=wang, now=NOON, seen=NOON + MINUTE
    )
    assert sent.state is TicketState.WAITING_CONTACT


def test_a_step_against_an_older_version_is_held(
    session: Session, wang: int, ticket: Ticket
) -> None:
    version = take(session, ticket, wang).version
    ticket_id = ticket.id or 0
    flow.raise_risk(session, ticket_id=ticket_id, risk=1, now=NOON)

    with pytest.raises(flow.StaleTicketError):
        flow.release(session, ticket_id=ticket_id, volunteer_id=wang, now=NOON, version=version)
    released = flow.release(
        session, ticket_id=ticket_id, volunteer_id=wang, now=NOON, version=version + 1
    )
    assert released.state is TicketState.QUEUED


HOLDERS_STEPS: dict[str, Callable[..., object]] = {
    "reply": flow.record_reply,
    "renew": flow.renew_lease,
    "draft": lambda session, **names: flow.save_draft(session, draft="x", **names),
    "release": flow.release,
    "offer": flow.offer_transfer,
    "wrap_up": flow.wrap_up,
    "hand_back": flow.hand_back_to_bot,
    "close": lambda session, **names: flow.close(session, outcome=Outcome.SOLVED, **names),
}


@pytest.mark.parametrize("step", HOLDERS_STEPS)
@pytest.mark.parametrize("is_held", [True, False])
def test_only_who_holds_the_ticket_may_go_on_with_it(
    session: Session, wang: int, li: int, ticket: Ticket, step: str, is_held: bool
) -> None:
    if is_held:
        take(session, ticket, li)
    before = history(session, ticket)

    with pytest.raises(flow.NotHolderError):
        HOLDERS_STEPS[step](session, ticket_id=ticket.id or 0, volunteer_id=wang, now=NOON)

    assert history(session, ticket) == before


# Leaving


def finish(session: Session, ticket: Ticket, volunteer_id: int) -> Ticket:
    """Close the ticket at noon."""
    return flow.close(
        session,
        ticket_id=ticket.id or 0,
        volunteer_id=volunteer_id,
        outcome=Outcome.SOLVED,
        now=NOON,
    )


def block(session: Session, ticket: Ticket, volunteer_id: int) -> None:
    """Block the contact for a day."""
    block_contact(
        session,
        contact_id=ticket.contact_id,
        volunteer_id=volunteer_id,
        reason=BlockReason.ABUSE,
        length=BlockLength.DAY,
        now=NOON,
    )
    session.flush()


def test_a_released_ticket_keeps_its_place_and_its_draft(
    session: Session, wang: int, li: int
) -> None:
    ticket = add_ticket(session, "oA", now=NOON - HOUR)
    add_ticket(session, "oB", now=NOON)
    taken = take(session, ticket, wang)
    ticket_id = taken.id or 0
    flow.save_draft(session, ticket_id=ticket_id, volunteer_id=wang, draft="您先别", now=NOON)

    released = flow.release(
        session, ticket_id=ticket_id, volunteer_id=wang, reason="有事", now=NOON
    )

    assert (released.volunteer_id, released.former_volunteer_id) == (None, wang)
    assert flow.queue_position(session, released, NOON) == 0
    following = flow.claim_next(session, volunteer_id=li, now=NOON)
    assert following is not None
    assert (following.id, following.draft) == (ticket_id, "您先别")


def test_a_ticket_may_be_released_to_another_skill(
    session: Session, wang: int, ticket: Ticket
) -> None:
    take(session, ticket, wang)

    released = flow.release(
        session, ticket_id=ticket.id or 0, volunteer_id=wang, skill=Skill.STAFF, now=NOON
    )

    assert released.skill is Skill.STAFF
    assert flow.list_waiting(session, volunteer_id=wang, now=NOON) == []


def test_a_closed_ticket_has_an_outcome_and_no_owner(
    session: Session, wang: int, ticket: Ticket
) -> None:
    taken = take(session, ticket, wang)

    closed = finish(session, taken, wang)

    assert (closed.state, closed.volunteer_id) == (TicketState.CLOSED, None)
    assert (closed.outcome, closed.closed_at) == (Outcome.SOLVED, NOON)
    assert volunteer_of(session, wang).rest_until is None
    assert history(session, closed)[-1] == (TicketEventKind.CLOSED, wang)


def test_handing_back_ends_the_hold_so_that_the_machine_may_speak(
    session: Session, wang: int, ticket: Ticket
) -> None:
    take(session, ticket, wang)

    ended = flow.hand_back_to_bot(session, ticket_id=ticket.id or 0, volunteer_id=wang, now=NOON)

    assert (ended.state, ended.outcome) == (TicketState.CLOSED, Outcome.HANDED_BACK)
    assert history(session, ended)[-1] == (TicketEventKind.HANDED_BACK, wang)


@pytest.mark.parametrize("was_lowered", [True, False])
def test_after_an_episode_with_danger_nothing_is_offered_for_half_an_hour(
    session: Session, was_lowered: bool
) -> None:
    song = add_volunteer(session, "宋", Skill.COUNSELOR, now=NOON)
    taken = take(session, add_ticket(session, "oA", kind=TicketKind.CRISIS, risk=2, now=NOON), song)
    add_ticket(session, "oB", kind=TicketKind.COUNSELOR, now=NOON)
    if was_lowered:
        lower(session, taken, song, risk=0)

    finish(session, taken, song)

    assert flow.claim_next(session, volunteer_id=song, now=NOON + 29 * MINUTE) is None
    assert flow.claim_next(session, volunteer_id=song, now=NOON + 30 * MINUTE) is not None


def test_who_feels_well_may_end_the_rest(session: Session) -> None:
    song = add_volunteer(session, "宋", Skill.COUNSELOR, now=NOON)
    taken = take(session, add_ticket(session, "oA", kind=TicketKind.CRISIS, risk=2, now=NOON), song)
    finish(session, taken, song)
    waiting = add_ticket(session, "oB", kind=TicketKind.COUNSELOR, now=NOON)
    assert refusal_of(session, waiting, song) is Refusal.RESTING

    end_rest(session, volunteer_id=song)

    assert take(session, waiting, song).volunteer_id == song


# Leases


def test_the_ticket_of_a_volunteer_who_vanished_goes_back_with_its_place_and_draft(
    session: Session, wang: int
) -> None:
    ticket = add_ticket(session, "oA", now=NOON - HOUR)
    add_ticket(session, "oB", now=NOON)
    take(session, ticket, wang)
    ticket_id = ticket.id or 0
    flow.save_draft(session, ticket_id=ticket_id, volunteer_id=wang, draft="您先", now=NOON)

    assert flow.expire_leases(session, now=NOON + LEASE - MINUTE) == []
    [back] = flow.expire_leases(session, now=NOON + LEASE)

    assert (back.state, back.volunteer_id, back.draft) == (TicketState.QUEUED, None, "您先")
    assert flow.queue_position(session, back, NOON) == 0
    assert history(session, back)[-1] == (TicketEventKind.LEASE_EXPIRED, wang)
    assert flow.expire_leases(session, now=NOON + LEASE) == []


def test_who_is_there_keeps_the_ticket(session: Session, wang: int, ticket: Ticket) -> None:
    version = take(session, ticket, wang).version

    flow.renew_lease(session, ticket_id=ticket.id or 0, volunteer_id=wang, now=NOON + 15 * MINUTE)

    assert flow.expire_leases(session, now=NOON + 30 * MINUTE) == []
    assert session.get_one(Ticket, ticket.id, populate_existing=True).version == version


def test_while_it_is_the_contacts_turn_the_lease_is_longer(
    session: Session, wang: int, ticket: Ticket
) -> None:
    take(session, ticket, wang)
    flow.record_reply(session, ticket_id=ticket.id or 0, volunteer_id=wang, now=NOON)
    flow.renew_lease(session, ticket_id=ticket.id or 0, volunteer_id=wang, now=NOON)

    assert flow.expire_leases(session, now=NOON + HOUR) == []
    assert len(flow.expire_leases(session, now=NOON + QUIET_LEASE)) == 1


# Supervisors


def test_a_supervisor_takes_over_with_a_reason_that_is_audited(
    session: Session, wang: int, boss: int, ticket: Ticket
) -> None:
    take(session, ticket, wang)

    taken = flow.reassign(
        session, ticket_id=ticket.id or 0, supervisor_id=boss, to_id=boss, reason="急", now=NOON
    )

    assert (taken.volunteer_id, taken.former_volunteer_id) == (boss, wang)
    assert history(session, taken)[-1] == (TicketEventKind.REASSIGNED, boss)
    [entry] = session.exec(select(AuditEntry))
    assert (entry.actor_id, entry.action, entry.reason) == (boss, "reassign", "急")
    assert entry.subject == f"ticket:{ticket.id}"


def test_a_supervisor_sends_a_held_ticket_to_the_queue(
    session: Session, wang: int, boss: int, ticket: Ticket
) -> None:
    take(session, ticket, wang)

    back = flow.reassign(
        session, ticket_id=ticket.id or 0, supervisor_id=boss, to_id=None, reason="走了", now=NOON
    )

    assert (back.state, back.former_volunteer_id) == (TicketState.QUEUED, wang)


def test_nobody_else_reassigns(session: Session, wang: int, li: int, ticket: Ticket) -> None:
    take(session, ticket, wang)

    with pytest.raises(flow.NotAllowedError):
        flow.reassign(
            session, ticket_id=ticket.id or 0, supervisor_id=li, to_id=li, reason="我来", now=NOON
        )
    assert session.get_one(Ticket, ticket.id).volunteer_id == wang


def test_a_supervisor_cannot_fill_somebody_beyond_their_cap(
    session: Session, wang: int, boss: int, ticket: Ticket
) -> None:
    take(session, add_ticket(session, "oB", now=NOON), wang)

    with pytest.raises(flow.ClaimRefusedError) as caught:
        flow.reassign(
            session, ticket_id=ticket.id or 0, supervisor_id=boss, to_id=wang, reason="", now=NOON
        )
    assert caught.value.reason is Refusal.FULL


# Transfers


@pytest.fixture
def offered(session: Session, wang: int, li: int, ticket: Ticket) -> SimpleNamespace:
    """A ticket that Wang holds and offers to Li."""
    take(session, ticket, wang)
    transfer = flow.offer_transfer(
        session, ticket_id=ticket.id or 0, volunteer_id=wang, to_id=li, reason="工伤", now=NOON
    )
    return SimpleNamespace(ticket=ticket, id=transfer.id or 0, wang=wang, li=li)


def owner_of(session: Session, ticket: Ticket) -> int | None:
    session.flush()
    return session.get_one(Ticket, ticket.id, populate_existing=True).volunteer_id


def test_the_owner_keeps_the_ticket_until_it_is_accepted(
    session: Session, offered: SimpleNamespace
) -> None:
    assert owner_of(session, offered.ticket) == offered.wang

    moved = flow.accept_transfer(
        session, transfer_id=offered.id, volunteer_id=offered.li, now=NOON + MINUTE
    )

    assert (moved.volunteer_id, moved.former_volunteer_id) == (offered.li, offered.wang)
    assert moved.lease_until == NOON + MINUTE + LEASE
    assert history(session, moved)[-2:] == [
        (TicketEventKind.TRANSFER_OFFERED, offered.wang),
        (TicketEventKind.TRANSFER_ACCEPTED, offered.li),
    ]


def test_a_refused_ticket_stays_where_it_is_and_may_be_offered_again(
    session: Session, offered: SimpleNamespace
) -> None:
    flow.refuse_transfer(session, transfer_id=offered.id, volunteer_id=offered.li, now=NOON)

    assert owner_of(session, offered.ticket) == offered.wang
    with pytest.raises(flow.TransferGoneError):
        flow.accept_transfer(session, transfer_id=offered.id, volunteer_id=offered.li, now=NOON)
    again = flow.offer_transfer(
        session, ticket_id=offered.ticket.id, volunteer_id=offered.wang, to_id=offered.li, now=NOON
    )
    assert again.id != offered.id


def test_an_offer_that_nobody_answers_ends(session: Session, offered: SimpleNamespace) -> None:
    late = NOON + 5 * MINUTE
    with pytest.raises(flow.TransferGoneError):
        flow.accept_transfer(session, transfer_id=offered.id, volunteer_id=offered.li, now=late)

    assert [transfer.id for transfer in flow.expire_transfers(session, now=late)] == [offered.id]
    assert flow.expire_transfers(session, now=late) == []
    assert owner_of(session, offered.ticket) == offered.wang


def test_an_offer_can_be_taken_back_by_who_made_it(
    session: Session, offered: SimpleNamespace
) -> None:
    with pytest.raises(flow.NotHolderError):
        flow.withdraw_transfer(session, transfer_id=offered.id, volunteer_id=offered.li, now=NOON)

    flow.withdraw_transfer(session, transfer_id=offered.id, volunteer_id=offered.wang, now=NOON)

    with pytest.raises(flow.TransferGoneError):
        flow.accept_transfer(session, transfer_id=offered.id, volunteer_id=offered.li, now=NOON)


def test_one_offer_at_a_time(session: Session, offered: SimpleNamespace) -> None:
    with pytest.raises(flow.TransferPendingError):
        flow.offer_transfer(
            session, ticket_id=offered.ticket.id, volunteer_id=offered.wang, now=NOON
        )


def test_nobody_but_the_one_asked_accepts(session: Session, offered: SimpleNamespace) -> None:
    third = add_volunteer(session, "赵", Skill.LAWYER, now=NOON)

    with pytest.raises(flow.ClaimRefusedError):
        flow.accept_transfer(session, transfer_id=offered.id, volunteer_id=third, now=NOON)
    with pytest.raises(flow.NotHolderError):
        flow.refuse_transfer(session, transfer_id=offered.id, volunteer_id=third, now=NOON)
    assert owner_of(session, offered.ticket) == offered.wang


def test_who_is_full_cannot_accept(session: Session, offered: SimpleNamespace) -> None:
    take(session, add_ticket(session, "oB", now=NOON), offered.li)

    with pytest.raises(flow.ClaimRefusedError) as caught:
        flow.accept_transfer(session, transfer_id=offered.id, volunteer_id=offered.li, now=NOON)

    assert caught.value.reason is Refusal.FULL
    assert owner_of(session, offered.ticket) == offered.wang


def test_a_ticket_goes_to_whoever_of_another_skill_accepts_first(
    session: Session, wang: int, ticket: Ticket
) -> None:
    song = add_volunteer(session, "宋", Skill.COUNSELOR, now=NOON)
    qin = add_volunteer(session, "秦", Skill.COUNSELOR, now=NOON)
    take(session, ticket, wang)
    transfer_id = (
        flow.offer_transfer(
            session,
            ticket_id=ticket.id or 0,
            volunteer_id=wang,
            to_skill=Skill.COUNSELOR,
            now=NOON,
        ).id
        or 0
    )

    moved = flow.accept_transfer(session, transfer_id=transfer_id, volunteer_id=song, now=NOON)
    with pytest.raises(flow.ClaimLostError) as caught:
        flow.accept_transfer(session, transfer_id=transfer_id, volunteer_id=qin, now=NOON)

    assert (moved.volunteer_id, moved.skill) == (song, Skill.COUNSELOR)
    assert caught.value.winner == "宋"


def test_a_person_without_the_skill_is_not_asked(
    session: Session, wang: int, ticket: Ticket
) -> None:
    career = add_volunteer(session, "周", Skill.CAREER, now=NOON)
    take(session, ticket, wang)

    with pytest.raises(flow.ClaimRefusedError) as caught:
        flow.offer_transfer(
            session, ticket_id=ticket.id or 0, volunteer_id=wang, to_id=career, now=NOON
        )
    assert caught.value.reason is Refusal.NO_SKILL


@pytest.mark.parametrize("way", ["expire", "release", "close"])
def test_an_offer_ends_with_the_hold_of_who_made_it(
    session: Session, offered: SimpleNamespace, way: str
) -> None:
    if way == "expire":
        flow.expire_leases(session, now=NOON + LEASE)
    elif way == "release":
        flow.release(session, ticket_id=offered.ticket.id, volunteer_id=offered.wang, now=NOON)
    else:
        finish(session, offered.ticket, offered.wang)

    with pytest.raises(flow.TransferGoneError):
        flow.accept_transfer(session, transfer_id=offered.id, volunteer_id=offered.li, now=NOON)
    assert owner_of(session, offered.ticket) is None


def test_an_offer_is_shown_to_who_may_accept_it(session: Session, offered: SimpleNamespace) -> None:
    third = add_volunteer(session, "赵", Skill.LAWYER, now=NOON)
    shown = {
        volunteer_id: len(list_offers(session, volunteer_id=volunteer_id, now=NOON))
        for volunteer_id in (offered.li, offered.wang, third)
    }

    assert shown == {offered.li: 1, offered.wang: 0, third: 0}


# Risk


def lower(session: Session, ticket: Ticket, volunteer_id: int, *, risk: int) -> Ticket:
    return flow.lower_risk(
        session,
        ticket_id=ticket.id or 0,
        risk=risk,
        volunteer_id=volunteer_id,
        reason="谈过了，没事",
        now=NOON,
    )


def test_a_raised_risk_moves_the_ticket_forward_and_is_never_lowered_by_raising(
    session: Session, ticket: Ticket
) -> None:
    add_ticket(session, "oB", now=NOON - HOUR)

    raised = flow.raise_risk(session, ticket_id=ticket.id or 0, risk=2, now=NOON)
    assert flow.queue_position(session, raised, NOON) == 0

    same = flow.raise_risk(session, ticket_id=ticket.id or 0, risk=1, now=NOON)
    assert (same.risk, same.worst_risk) == (2, 2)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_risk_is_lowered_only_with_a_reason(session: Session, boss: int, reason: str) -> None:
    crisis = add_ticket(session, "oA", kind=TicketKind.CRISIS, risk=2, now=NOON)

    with pytest.raises(flow.NotAllowedError):
        flow.lower_risk(
            session,
            ticket_id=crisis.id or 0,
            risk=0,
            volunteer_id=boss,
            reason=reason,
            now=NOON,
        )


def test_a_risk_is_lowered_by_a_supervisor_or_by_the_counsellor_who_holds_it(
    session: Session, wang: int, boss: int
) -> None:
    song = add_volunteer(session, "宋", Skill.COUNSELOR, now=NOON)
    qin = add_volunteer(session, "秦", Skill.COUNSELOR, now=NOON)
    crisis = take(
        session, add_ticket(session, "oA", kind=TicketKind.CRISIS, risk=3, now=NOON), song
    )

    for volunteer_id in (wang, qin):
        with pytest.raises(flow.NotAllowedError):
            lower(session, crisis, volunteer_id, risk=0)
    assert lower(session, crisis, song, risk=2).risk == 2
    lowered = lower(session, crisis, boss, risk=0)

    assert (lowered.risk, lowered.worst_risk) == (0, 3)
    assert [entry.actor_id for entry in session.exec(select(AuditEntry))] == [song, boss]


def test_the_alarm_of_the_contact_ends_with_the_last_danger(session: Session, boss: int) -> None:
    first = add_ticket(session, "oA", kind=TicketKind.CRISIS, risk=3, now=NOON)
    second = open_ticket(
        session,
        contact_id=first.contact_id,
        kind=TicketKind.COUNSELOR,
        summary="",
        risk=2,
        now=NOON,
    )
    contact = session.get_one(Contact, first.contact_id)
    contact.crisis_until, contact.crisis_situation = NOON + HOUR, "self"
    session.flush()

    lower(session, first, boss, risk=0)
    session.refresh(contact)
    assert contact.crisis_until is not None

    lower(session, second, boss, risk=1)
    session.refresh(contact)
    assert [contact.crisis_until, contact.crisis_situation] == [None, None]


# The contact's side, reopening, joining


def test_who_leaves_the_queue_leaves_with_all_but_a_danger(session: Session) -> None:
    ticket = add_ticket(session, "oA", now=NOON)
    crisis = open_ticket(
        session, contact_id=ticket.contact_id, kind=TicketKind.CRISIS, summary="", risk=2, now=NOON
    )

    closed = flow.cancel_waiting(session, contact_id=ticket.contact_id, now=NOON)

    assert [(one.id, one.outcome) for one in closed] == [(ticket.id, Outcome.CANCELLED)]
    session.refresh(crisis)
    assert crisis.state is TicketState.QUEUED


def test_only_the_kind_that_is_named_is_cancelled(session: Session, ticket: Ticket) -> None:
    open_ticket(session, contact_id=ticket.contact_id, kind=TicketKind.CAREER, summary="", now=NOON)

    closed = flow.cancel_waiting(
        session, contact_id=ticket.contact_id, kind=TicketKind.CAREER, now=NOON
    )

    assert [one.kind for one in closed] == [TicketKind.CAREER]


def test_what_a_volunteer_holds_is_not_cancelled(
    session: Session, wang: int, ticket: Ticket
) -> None:
    take(session, ticket, wang)

    assert flow.cancel_waiting(session, contact_id=ticket.contact_id, now=NOON) == []


@pytest.mark.parametrize(("minutes", "ahead"), [(10, 0), (11, 1)])
def test_who_comes_back_soon_has_their_old_place(
    session: Session, minutes: int, ahead: int
) -> None:
    ticket = add_ticket(session, "oA", now=NOON - HOUR)
    add_ticket(session, "oB", now=NOON - MINUTE)
    flow.cancel_waiting(session, contact_id=ticket.contact_id, now=NOON)

    later = NOON + minutes * MINUTE
    again = flow.reopen(session, ticket_id=ticket.id or 0, now=later)

    assert (again.state, again.outcome, again.closed_at) == (TicketState.QUEUED, None, None)
    assert flow.queue_position(session, again, later) == ahead


def test_a_volunteer_reopens_into_their_own_hands(
    session: Session, wang: int, ticket: Ticket
) -> None:
    finish(session, take(session, ticket, wang), wang)

    again = flow.reopen(session, ticket_id=ticket.id or 0, volunteer_id=wang, now=NOON)

    assert (again.state, again.volunteer_id) == (TicketState.HUMAN, wang)
    assert history(session, again)[-1] == (TicketEventKind.REOPENED, wang)


def test_a_full_volunteer_cannot_reopen(session: Session, wang: int, ticket: Ticket) -> None:
    finish(session, take(session, ticket, wang), wang)
    take(session, add_ticket(session, "oB", now=NOON), wang)

    with pytest.raises(flow.ClaimRefusedError):
        flow.reopen(session, ticket_id=ticket.id or 0, volunteer_id=wang, now=NOON)


def test_who_reopens_is_told_who_holds_this_person(
    session: Session, wang: int, li: int, ticket: Ticket
) -> None:
    finish(session, take(session, ticket, wang), wang)
    second = open_ticket(
        session, contact_id=ticket.contact_id, kind=TicketKind.LAWYER, summary="", now=NOON
    )
    take(session, second, li)

    with pytest.raises(flow.ClaimLostError) as caught:
        flow.reopen(session, ticket_id=ticket.id or 0, volunteer_id=wang, now=NOON)
    assert caught.value.winner == "李"


@pytest.mark.parametrize("hindrance", ["open", "old", "same kind", "erased"])
def test_not_everything_can_be_reopened(
    session: Session, wang: int, ticket: Ticket, hindrance: str
) -> None:
    later = NOON + flow.REOPEN_TIME if hindrance == "old" else NOON
    if hindrance != "open":
        finish(session, take(session, ticket, wang), wang)
    if hindrance == "same kind":
        open_ticket(
            session, contact_id=ticket.contact_id, kind=TicketKind.LAWYER, summary="", now=NOON
        )
    if hindrance == "erased":
        ticket.outcome = Outcome.ERASED
        session.flush()

    with pytest.raises(flow.NotAllowedError):
        flow.reopen(session, ticket_id=ticket.id or 0, now=later)


def test_a_second_need_is_joined_to_the_episode_in_hands(
    session: Session, boss: int, ticket: Ticket
) -> None:
    second = open_ticket(
        session,
        contact_id=ticket.contact_id,
        kind=TicketKind.CAREER,
        summary="也想找活",
        risk=1,
        now=NOON,
    )
    take(session, ticket, boss)

    held = flow.join_waiting(
        session, ticket_id=second.id or 0, into_id=ticket.id or 0, volunteer_id=boss, now=NOON
    )

    session.refresh(second)
    assert (second.state, second.outcome) == (TicketState.CLOSED, Outcome.JOINED)
    assert (second.joined_id, held.risk) == (ticket.id, 1)
    assert list_events(session, ticket_id=held.id or 0)[-1].body == "也想找活"
    with pytest.raises(flow.NotAllowedError):
        flow.reopen(session, ticket_id=second.id or 0, now=NOON)


@pytest.mark.parametrize(
    ("kind", "is_shown"), [(TicketKind.COUNSELOR, False), (TicketKind.CRISIS, True)]
)
def test_a_lawyer_learns_of_a_crisis_but_not_of_a_confession(
    session: Session, wang: int, ticket: Ticket, kind: TicketKind, is_shown: bool
) -> None:
    second = open_ticket(
        session, contact_id=ticket.contact_id, kind=kind, summary="心里话", now=NOON
    )
    take(session, ticket, wang)
    names = {"ticket_id": second.id or 0, "into_id": ticket.id or 0, "volunteer_id": wang}

    if is_shown:
        assert flow.join_waiting(session, **names, now=NOON).id == ticket.id
        return
    with pytest.raises(flow.ClaimRefusedError) as caught:
        flow.join_waiting(session, **names, now=NOON)
    assert caught.value.reason is Refusal.NO_SKILL


def test_a_need_is_joined_only_to_a_held_ticket_of_the_same_person(
    session: Session, wang: int, ticket: Ticket
) -> None:
    take(session, ticket, wang)
    stranger = add_ticket(session, "oB", now=NOON)

    with pytest.raises(flow.NotHolderError):
        flow.join_waiting(
            session,
            ticket_id=stranger.id or 0,
            into_id=ticket.id or 0,
            volunteer_id=wang,
            now=NOON,
        )


# Blocks


def test_a_block_ends_by_itself_or_when_it_is_lifted(session: Session, boss: int) -> None:
    ticket = add_ticket(session, "oA", now=NOON)
    contact_id = ticket.contact_id
    block(session, ticket, boss)

    assert find_block(session, contact_id=contact_id, now=NOON + 23 * HOUR) is not None
    assert find_block(session, contact_id=contact_id, now=NOON + 24 * HOUR) is None

    lift_blocks(session, contact_id=contact_id, volunteer_id=boss, reason="误会", now=NOON)
    assert find_block(session, contact_id=contact_id, now=NOON) is None
    actions = [entry.action for entry in session.exec(select(AuditEntry))]
    assert actions == ["block", "unblock"]


def test_a_block_may_last_a_month() -> None:
    assert BlockLength.MONTH.time == timedelta(days=30)


def test_a_blocked_contact_in_danger_is_still_offered(session: Session) -> None:
    song = add_volunteer(session, "宋", Skill.COUNSELOR, now=NOON)
    crisis = add_ticket(session, "oA", kind=TicketKind.CRISIS, risk=2, now=NOON)
    block(session, crisis, song)

    assert flow.claim_next(session, volunteer_id=song, now=NOON) is not None


def test_skipped_kinds_are_exactly_the_last_ones_said(session: Session, wang: int) -> None:
    for kinds in ({TicketKind.AID, TicketKind.ERROR}, {TicketKind.AID}):
        skip_kinds(session, volunteer_id=wang, kinds=frozenset(kinds))

    assert list_skipped_kinds(session, volunteer_id=wang) == {TicketKind.AID}


def test_every_step_is_in_the_history_and_none_without_its_ticket(
    session: Session, wang: int, ticket: Ticket
) -> None:
    finish(session, take(session, ticket, wang), wang)

    numbers = session.exec(select(TicketEvent.ticket_id).order_by(col(TicketEvent.id))).all()
    assert numbers == [ticket.id] * 3
