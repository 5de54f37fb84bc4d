"""The ledger of what WeChat still lets us send, against a plain model of the rule."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from models.database import Database, OpenSession
from models.reply_window import (
    CLOSED,
    GrantReason,
    ReplyWindow,
    close_windows,
    drop_expired,
    give_back,
    grant,
    remaining,
    take,
    use_up,
)
from tests.conftest import NOON
from tests.support.people import add_contact

MESSAGE, MENU = GrantReason.MESSAGE, GrantReason.MENU
HOURS_48, MINUTE = timedelta(hours=48), timedelta(minutes=1)


@dataclass
class Ledger:
    """One contact's windows, each step in a transaction of its own."""

    open_session: OpenSession
    contact_id: int

    def grant(self, reason: GrantReason = MESSAGE, at: datetime = NOON) -> None:
        with self.open_session() as session:
            grant(session, contact_id=self.contact_id, reason=reason, now=at)

    def take(self, at: datetime = NOON, *, keep: int = 0) -> bool:
        with self.open_session() as session:
            return take(session, contact_id=self.contact_id, now=at, keep=keep)

    def give_back(self, taken_at: datetime = NOON) -> None:
        with self.open_session() as session:
            give_back(session, contact_id=self.contact_id, taken_at=taken_at)

    def use_up(self, taken_at: datetime = NOON) -> None:
        with self.open_session() as session:
            use_up(session, contact_id=self.contact_id, taken_at=taken_at)

    def left(self, at: datetime = NOON) -> int:
        with self.open_session() as session:
            return remaining(session, contact_id=self.contact_id, now=at).left


@pytest.fixture
def ledger(open_session: OpenSession) -> Ledger:
    with open_session() as session:
        contact_id = add_contact(session, "oLEDGER", now=NOON)
    return Ledger(open_session, contact_id)


def test_without_a_word_of_theirs_nothing_may_be_sent(ledger: Ledger) -> None:
    assert not ledger.take()
    assert ledger.left() == 0


def test_a_message_allows_five_and_no_more(ledger: Ledger) -> None:
    ledger.grant()

    assert [ledger.take() for _ in range(6)] == [True] * 5 + [False]


def test_after_48_hours_the_window_is_closed(ledger: Ledger) -> None:
    ledger.grant()

    assert ledger.take(NOON + HOURS_48 - timedelta(seconds=1))
    assert not ledger.take(NOON + HOURS_48)


@pytest.mark.parametrize("reason", [GrantReason.MENU, GrantReason.FOLLOW, GrantReason.SCAN])
def test_a_tap_a_follow_and_a_scan_allow_three_within_a_minute(
    ledger: Ledger, reason: GrantReason
) -> None:
    ledger.grant(reason)

    assert ledger.left() == 3
    assert ledger.take(NOON + timedelta(seconds=59))
    assert not ledger.take(NOON + MINUTE)


def test_a_new_message_starts_anew_and_does_not_add_up(ledger: Ledger) -> None:
    ledger.grant()
    ledger.take()

    ledger.grant(at=NOON + timedelta(hours=1))

    assert ledger.left(NOON + timedelta(hours=1)) == 5
    assert ledger.left(NOON + HOURS_48) == 5


def test_an_older_message_that_comes_late_changes_nothing(ledger: Ledger) -> None:
    ledger.grant(at=NOON)
    ledger.take()

    ledger.grant(at=NOON - timedelta(seconds=9))

    assert ledger.left() == 4
    assert ledger.left(NOON + HOURS_48 - timedelta(seconds=1)) == 4


def test_the_composer_sees_how_many_are_left_and_until_when(
    ledger: Ledger, open_session: OpenSession
) -> None:
    ledger.grant()
    ledger.grant(MENU)
    ledger.take()

    with open_session() as session:
        state = remaining(session, contact_id=ledger.contact_id, now=NOON)
        gone = remaining(session, contact_id=ledger.contact_id, now=NOON + HOURS_48)

    assert (state.left, state.until) == (4, NOON + HOURS_48)
    assert gone == CLOSED


def test_what_the_machine_sends_unasked_leaves_something_to_people(ledger: Ledger) -> None:
    ledger.grant()

    assert [ledger.take(keep=2) for _ in range(4)] == [True, True, True, False]
    assert ledger.take()


def test_what_was_not_sent_is_given_back_once_and_only_to_what_was_charged(
    ledger: Ledger,
) -> None:
    ledger.grant()
    ledger.take()
    ledger.give_back()
    assert ledger.left() == 5

    ledger.take()
    ledger.grant(at=NOON + timedelta(seconds=2))
    ledger.take(NOON + timedelta(seconds=3))
    ledger.give_back(taken_at=NOON)

    assert ledger.left(NOON + timedelta(seconds=3)) == 4


def test_wechat_is_believed_but_not_about_what_was_granted_since(ledger: Ledger) -> None:
    ledger.grant()
    ledger.take()

    ledger.use_up()
    assert ledger.left() == 0

    ledger.grant(at=NOON + timedelta(seconds=1))
    ledger.use_up(taken_at=NOON)
    assert ledger.left(NOON + timedelta(seconds=1)) == 5


def test_who_leaves_takes_the_windows_along(ledger: Ledger, open_session: OpenSession) -> None:
    ledger.grant()

    with open_session() as session:
        close_windows(session, contact_id=ledger.contact_id)

    assert not ledger.take()


def test_what_is_over_is_deleted(ledger: Ledger, open_session: OpenSession) -> None:
    ledger.grant()
    ledger.grant(MENU)

    with open_session() as session:
        assert drop_expired(session, now=NOON + MINUTE) == 1

    with open_session() as session:
        assert [window.reason for window in session.exec(select(ReplyWindow))] == [MESSAGE]


# Against a plain model


@dataclass
class Plain:
    """The rule as it is written: each grant with the sendings that were charged to it."""

    grants: dict[GrantReason, tuple[datetime, list[datetime]]] = field(default_factory=dict)

    def grant(self, reason: GrantReason, at: datetime) -> None:
        self.grants[reason] = (at, [])

    def take(self, at: datetime) -> bool:
        room = [sent for reason, sent in self._open(at) if len(sent) < _allowed(reason)]
        for sent in room:
            sent.append(at)
        return bool(room)

    def left(self, at: datetime) -> int:
        return max((_allowed(reason) - len(sent) for reason, sent in self._open(at)), default=0)

    def _open(self, at: datetime) -> Iterator[tuple[GrantReason, list[datetime]]]:
        for reason, (since, sent) in self.grants.items():
            if at < since + (HOURS_48 if reason is MESSAGE else MINUTE):
                yield reason, sent


def _allowed(reason: GrantReason) -> int:
    return 5 if reason is MESSAGE else 3


STEPS = st.lists(
    st.tuples(
        st.sampled_from([*GrantReason, *["take"] * 6]),
        st.sampled_from([0, 1, 20, 59, 60, 61, 3600, 47 * 3600, 48 * 3600]),
    ),
    max_size=30,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_the_ledger_agrees_with_a_plain_model_of_the_rule(
    database: Database, steps: list[tuple[str, int]]
) -> None:
    plain, now, all_taken = Plain(), NOON, list[datetime]()
    with database.transaction() as session:
        contact_id = add_contact(session, "oPLAIN", now=NOON)
        for step, seconds in steps:
            now += timedelta(seconds=seconds)
            if step == "take":
                taken = take(session, contact_id=contact_id, now=now)
                assert taken is plain.take(now)
                all_taken += [now] * taken
            else:
                grant(session, contact_id=contact_id, reason=GrantReason(step), now=now)
                plain.grant(GrantReason(step), now)
            assert remaining(session, contact_id=contact_id, now=now).left == plain.left(now)
        session.rollback()
    assert all(_granted_before(steps, at) for at in all_taken)


def _granted_before(steps: list[tuple[str, int]], at: datetime) -> bool:
    """Tell whether some grant was open at this moment, by the list of steps alone."""
    now = NOON
    for step, seconds in steps:
        now += timedelta(seconds=seconds)
        lasts = HOURS_48 if step == MESSAGE else MINUTE
        if step != "take" and now <= at < now + lasts:
            return True
    return False
