"""The order of service is one function of risk and waiting time, here and in the database."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, delete, select

from models.ageing import ALWAYS_FIRST, priority_since, weigh
from models.database import Database
from models.ticket import LINE, Ticket, TicketKind
from tests.conftest import NOON
from tests.support.people import add_contact

needs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5 * 24 * 60)), min_size=2, max_size=12)
"""The risk and the minutes waited of some people."""


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(needs=needs)
def test_the_database_orders_as_the_weights_do(
    session: Session, needs: list[tuple[int, int]]
) -> None:
    session.connection().execute(delete(Ticket))
    contact_id = add_contact(session, f"o{session.info.setdefault('n', 0)}", now=NOON)
    session.info["n"] += 1
    for risk, minutes in needs:
        since = NOON - timedelta(minutes=minutes)
        session.add(
            Ticket(
                contact_id=contact_id,
                kind=TicketKind.LAWYER,
                risk=risk,
                opened_at=since,
                updated_at=since,
                queued_at=since,
                priority_since=priority_since(risk, since),
            )
        )
    session.flush()

    tickets = session.exec(select(Ticket).order_by(*LINE.in_order())).all()

    weights = [weigh(ticket.risk, NOON - ticket.waiting_since) for ticket in tickets]
    assert weights == sorted(weights, reverse=True)
    for place, ticket in enumerate(tickets):
        before = LINE.before(
            risk=ticket.risk,
            since=priority_since(ticket.risk, ticket.waiting_since),
            id_=ticket.id or 0,
        )
        assert len(session.exec(select(Ticket.id).where(before)).all()) == place


@given(needs=needs, passing=st.integers(0, 10_000))
def test_time_alone_changes_no_order(needs: list[tuple[int, int]], passing: int) -> None:
    def order(more: int) -> list[int]:
        waited = [timedelta(minutes=minutes + more) for _, minutes in needs]
        weights = [weigh(risk, time) for (risk, _), time in zip(needs, waited, strict=True)]
        return sorted(range(len(needs)), key=weights.__getitem__)

    assert order(0) == order(passing)


@given(risk=st.integers(0, 2), head=st.integers(0, 2))
def test_whoever_waits_two_days_longer_goes_before_all_but_the_gravest(
    risk: int, head: int
) -> None:
    two_days = timedelta(hours=48)
    assert weigh(risk, two_days + timedelta(seconds=1)) > weigh(head, timedelta(0))
    assert weigh(risk, 100 * two_days) < weigh(ALWAYS_FIRST, timedelta(0))


def test_with_three_times_too_many_graver_needs_nobody_starves() -> None:
    """One is served in ten minutes and three come, all but the first graver than it."""
    waiting = [(0, timedelta(0))]
    served_at = None
    for turn in range(1_000):
        now = turn * timedelta(minutes=10)
        waiting += [(1 + turn % 2, now)] * 3
        first = max(waiting, key=lambda need: weigh(need[0], now - need[1]))
        waiting.remove(first)
        if first[0] == 0:
            served_at = now
            break

    assert served_at is not None
    assert served_at <= timedelta(days=6)
