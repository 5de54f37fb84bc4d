"""What people sent is fetched while WeChat still has it: from the stand-in, over real HTTP."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI, Request, Response

from bot.background import list_jobs
from bot.media_worker import MediaGateway, MediaWorker
from bot.simulator.wechat_api import AccountType
from bot.wechat import api as api_module
from bot.wechat.api import MediaFile, WeChatUnreachableError
from bot.wechat.gateway import open_gateway
from bot.wechat.pictures import Pictures
from models import media as media_module
from models.account_state import may_fetch_media
from models.database import Database, OpenSession
from models.erasure import erase_person
from models.media import LEASE, MAX_ATTEMPTS, Media, MediaKind, MediaStatus, sniff
from models.media import attach as attach_media
from models.ticket import Ticket
from tests.conftest import NOON
from tests.handlers import stored
from tests.races.real_server import environment
from tests.support.chat import FakeClock
from tests.support.people import add_ticket
from tests.support.server import free_port, serving
from tests.support.wechat_stand_in import APP_ID, Served, serving_wechat

pytestmark = pytest.mark.usefixtures("socket_enabled")

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256))
AMR = Path("bot/simulator/recording.amr").read_bytes()
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"

Send = Callable[..., int]


@pytest.fixture
def wechat() -> Iterator[Served]:
    with serving_wechat() as served:
        yield served


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """A host of pictures: /jpeg has one, /svg a lie, nothing else is there."""
    app = FastAPI()

    @app.get("/{name}")
    def picture(name: str) -> Response:
        found = {"jpeg": JPEG, "svg": SVG}.get(name)
        return Response(found or b"", media_type="image/jpeg", status_code=200 if found else 404)

    with serving(app, free_port()) as address:
        yield address


@pytest.fixture
def make_worker(
    wechat: Served, host: str, database: Database, clock: FakeClock
) -> Iterator[Callable[..., MediaWorker]]:
    with (
        open_gateway(wechat.account, database=database, clock=clock) as api,
        Pictures(hosts=frozenset({"mmbiz.qpic.cn"}), own=host) as pictures,
    ):

        def make(gateway: MediaGateway | None = api, **changed: Any) -> MediaWorker:  # noqa: ANN401
            return MediaWorker(
                database=database,
                gateway=gateway,
                pictures=pictures,
                app_id=APP_ID,
                clock=clock,
                **changed,
            )

        yield make


@pytest.fixture
def worker(make_worker: Callable[..., MediaWorker]) -> MediaWorker:
    return make_worker()


@pytest.fixture
def send(open_session: OpenSession, host: str) -> Send:
    """Let a person who waits for a lawyer send something; returns their contact."""

    def one(name: str = "M1", kind: MediaKind = MediaKind.IMAGE, picture: str = "") -> int:
        with open_session() as session:
            ticket = add_ticket(session, f"o{name}", now=NOON)
            session.add(
                Media(
                    message=f"key-{name}",
                    contact_id=ticket.contact_id,
                    ticket_id=ticket.id,
                    skill=ticket.skill,
                    kind=kind,
                    media_id=name,
                    pic_url=f"{host}/{picture}" if picture else "",
                    received_at=NOON,
                    not_before=NOON,
                )
            )
            return ticket.contact_id

    return one


def only(open_session: OpenSession) -> Media:
    [row] = stored.media(open_session)
    return row


def test_a_picture_is_kept_as_it_was_sent(
    worker: MediaWorker, wechat: Served, send: Send, open_session: OpenSession
) -> None:
    wechat.stand_in.media["M1"] = ("application/octet-stream", JPEG)
    send()

    assert [worker.run_once(), worker.run_once()] == [True, False]

    row = only(open_session)
    assert (row.status, row.content_type, row.content) == (MediaStatus.KEPT, "image/jpeg", JPEG)
    assert (row.size, row.sha256) == (len(JPEG), hashlib.sha256(JPEG).hexdigest())
    assert (row.media_id, row.pic_url) == ("", "")


def test_a_recording_is_kept_as_it_was_sent_and_as_browsers_play_it(
    worker: MediaWorker, wechat: Served, send: Send, open_session: OpenSession
) -> None:
    wechat.stand_in.media["M1"] = ("audio/amr", AMR)
    send(kind=MediaKind.VOICE)

    worker.run_once()

    row = only(open_session)
    assert (row.status, row.content_type, row.content) == (MediaStatus.KEPT, "audio/amr", AMR)
    assert row.playable is not None
    assert sniff(MediaKind.VOICE, row.playable) == "audio/mpeg"


def test_a_recording_that_cannot_be_converted_is_kept_all_the_same(
    worker: MediaWorker, wechat: Served, send: Send, open_session: OpenSession
) -> None:
    broken = b"#!AMR\nof another world"
    wechat.stand_in.media["M1"] = ("audio/amr", broken)
    send(kind=MediaKind.VOICE)

    worker.run_once()

    row = only(open_session)
    assert (row.status, row.content, row.playable) == (MediaStatus.KEPT, broken, None)


def test_what_browsers_know_is_not_converted(
    make_worker: Callable[..., MediaWorker], wechat: Served, send: Send, open_session: OpenSession
) -> None:
    asked: list[bytes] = []
    worker = make_worker(make_playable=asked.append)
    wechat.stand_in.media["M1"] = ("image/jpeg", JPEG)
    wechat.stand_in.media["M2"] = ("audio/mpeg", b"ID3 and so on")
    send("M1")
    send("M2", MediaKind.VOICE)

    assert [worker.run_once(), worker.run_once()] == [True, True]

    assert asked == []
    assert [row.status for row in stored.media(open_session)] == [MediaStatus.KEPT] * 2


def test_nothing_of_it_can_be_read_in_the_database(
    worker: MediaWorker, wechat: Served, send: Send, database: Database
) -> None:
    wechat.stand_in.media["M1"] = ("image/jpeg", JPEG)
    send()
    worker.run_once()

    with database.reading() as connection:
        [(content,)] = connection.exec_driver_sql("SELECT content FROM media").all()

    assert JPEG[:40] not in bytes(content)
    assert len(content) < len(JPEG) + 100


def test_nothing_of_what_was_said_can_be_read_in_the_database(
    make_worker: Callable[..., MediaWorker], wechat: Served, send: Send, database: Database
) -> None:
    wechat.stand_in.media["M1"] = ("audio/amr", AMR)
    send(kind=MediaKind.VOICE)
    make_worker(make_playable=lambda _: JPEG).run_once()

    with database.reading() as connection:
        [row] = connection.exec_driver_sql("SELECT content, playable FROM media").all()

    assert not [said for said in (AMR[:40], JPEG[:40]) for there in row if said in bytes(there)]


@pytest.mark.parametrize("content", [SVG, b"<html>", b"", AMR, b"PK\x03\x04"])
def test_what_is_no_picture_is_not_kept_whatever_it_is_called(
    worker: MediaWorker, wechat: Served, send: Send, open_session: OpenSession, content: bytes
) -> None:
    wechat.stand_in.media["M1"] = ("image/jpeg", content)
    send()

    worker.run_once()

    row = only(open_session)
    assert (row.status, row.content) == (MediaStatus.REFUSED, None)


def test_a_picture_in_place_of_a_recording_is_not_kept(
    worker: MediaWorker, wechat: Served, send: Send, open_session: OpenSession
) -> None:
    wechat.stand_in.media["M1"] = ("audio/amr", JPEG)
    send(kind=MediaKind.VOICE)

    worker.run_once()

    assert only(open_session).status is MediaStatus.REFUSED


def test_what_is_too_large_is_not_read_to_its_end(
    worker: MediaWorker,
    wechat: Served,
    send: Send,
    open_session: OpenSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api_module, "MAX_ANSWER", 1000)
    wechat.stand_in.media["M1"] = ("image/jpeg", JPEG * 10)
    send(picture="jpeg")

    worker.run_once()

    assert only(open_session).status is MediaStatus.TOO_LARGE


def test_what_wechat_has_no_more_is_gone(
    worker: MediaWorker, send: Send, open_session: OpenSession
) -> None:
    send()

    worker.run_once()

    row = only(open_session)
    assert (row.status, row.media_id) == (MediaStatus.GONE, "")


@pytest.mark.parametrize(
    ("picture", "status"),
    [
        ("jpeg", MediaStatus.KEPT),
        ("svg", MediaStatus.REFUSED),
        ("missing", MediaStatus.GONE),
    ],
)
def test_an_account_without_the_media_api_takes_the_address(
    worker: MediaWorker,
    wechat: Served,
    send: Send,
    open_session: OpenSession,
    picture: str,
    status: MediaStatus,
) -> None:
    wechat.stand_in.account_type = AccountType.UNVERIFIED
    send(picture=picture)

    worker.run_once()

    assert only(open_session).status is status


def test_an_address_that_is_not_wechats_is_not_asked(
    worker: MediaWorker, wechat: Served, send: Send, open_session: OpenSession
) -> None:
    wechat.stand_in.account_type = AccountType.UNVERIFIED
    send()
    number = only(open_session).id
    with open_session() as session:
        row = session.get_one(Media, number)
        row.pic_url = "https://example.org/x.jpg"

    worker.run_once()

    assert only(open_session).status is MediaStatus.REFUSED


def test_48001_switches_the_media_api_off_until_it_is_tried_again(
    worker: MediaWorker,
    wechat: Served,
    send: Send,
    open_session: OpenSession,
    database: Database,
    clock: FakeClock,
) -> None:
    def may_ask() -> bool:
        with database.reading() as connection:
            return may_fetch_media(connection, app_id=APP_ID, now=clock())

    wechat.stand_in.account_type = AccountType.UNVERIFIED
    send("M1", MediaKind.VOICE)
    worker.run_once()
    assert (only(open_session).status, may_ask()) == (MediaStatus.GONE, False)

    wechat.stand_in.account_type = AccountType.VERIFIED
    for name in ("M2", "M3"):
        wechat.stand_in.media[name] = ("audio/amr", AMR)
    send("M2", MediaKind.VOICE)
    worker.run_once()
    clock.advance(hours=6)
    send("M3", MediaKind.VOICE)
    worker.run_once()

    found = [row.status for row in stored.media(open_session)]
    assert found == [MediaStatus.GONE, MediaStatus.GONE, MediaStatus.KEPT]
    assert may_ask()


def test_without_a_secret_pictures_are_fetched_and_recordings_are_not(
    make_worker: Callable[..., MediaWorker], send: Send, open_session: OpenSession
) -> None:
    worker = make_worker(None)
    send("M1", picture="jpeg")
    send("M2", MediaKind.VOICE)

    assert [worker.run_once(), worker.run_once()] == [True, True]

    found = [row.status for row in stored.media(open_session)]
    assert found == [MediaStatus.KEPT, MediaStatus.GONE]


class Away:
    """WeChat does not answer."""

    def __init__(self) -> None:
        self.asked = 0

    def fetch_media(self, media_id: str) -> MediaFile:
        """Count, and fail."""
        self.asked += 1
        raise WeChatUnreachableError(media_id)


def test_while_wechat_is_away_it_is_tried_ever_later_and_not_for_ever(
    make_worker: Callable[..., MediaWorker],
    send: Send,
    open_session: OpenSession,
    clock: FakeClock,
) -> None:
    away = Away()
    worker, waits = make_worker(away), []
    send(kind=MediaKind.VOICE)

    while worker.run_once():
        row = only(open_session)
        waits.append(row.not_before - clock())
        assert not worker.run_once()
        clock.now = max(clock(), row.not_before)

    assert away.asked == MAX_ATTEMPTS
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert max(waits) == timedelta(hours=6)
    assert only(open_session).status is MediaStatus.GONE


def test_while_the_api_is_away_the_address_may_do(
    make_worker: Callable[..., MediaWorker], send: Send, open_session: OpenSession
) -> None:
    send(picture="jpeg")

    make_worker(Away()).run_once()

    assert only(open_session).status is MediaStatus.KEPT


class Killed(BaseException):
    """Ends a worker in the middle."""


class Interrupted:
    """A gateway in which the worker dies."""

    def fetch_media(self, media_id: str) -> MediaFile:
        """Die."""
        raise Killed(media_id)


def test_a_worker_that_died_is_followed_by_another_after_its_claim(
    make_worker: Callable[..., MediaWorker],
    wechat: Served,
    send: Send,
    open_session: OpenSession,
    clock: FakeClock,
) -> None:
    wechat.stand_in.media["M1"] = ("image/jpeg", JPEG)
    send()
    with pytest.raises(Killed):
        make_worker(Interrupted()).run_once()

    worker = make_worker()
    assert not worker.run_once()
    clock.advance(seconds=LEASE.total_seconds())
    assert worker.run_once()

    row = only(open_session)
    assert (row.status, row.attempts) == (MediaStatus.KEPT, 2)


class Meanwhile:
    """A gateway during whose answer something else happens."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act

    def fetch_media(self, media_id: str) -> MediaFile:  # noqa: ARG002 - there is one file
        """Let it happen, then answer."""
        self._act()
        return MediaFile(JPEG, "image/jpeg")


def test_who_is_too_late_changes_nothing(
    make_worker: Callable[..., MediaWorker],
    wechat: Served,
    send: Send,
    open_session: OpenSession,
    clock: FakeClock,
) -> None:
    other = JPEG + b"of the second"
    wechat.stand_in.media["M1"] = ("image/jpeg", other)
    send()
    second = make_worker()

    def pass_by() -> None:
        clock.advance(seconds=LEASE.total_seconds())
        assert second.run_once()

    make_worker(Meanwhile(pass_by)).run_once()

    row = only(open_session)
    assert (row.content, row.attempts) == (other, 2)


def test_who_is_erased_while_it_is_fetched_has_nothing_kept(
    make_worker: Callable[..., MediaWorker], send: Send, open_session: OpenSession
) -> None:
    contact_id = send()

    def erase() -> None:
        with open_session() as session:
            erase_person(session, contact_id=contact_id, now=NOON)

    make_worker(Meanwhile(erase)).run_once()

    assert stored.media(open_session) == []


def test_what_belongs_to_no_ticket_is_not_fetched_and_forgotten_after_three_days(
    worker: MediaWorker, send: Send, open_session: OpenSession, clock: FakeClock
) -> None:
    send()
    number = only(open_session).id
    with open_session() as session:
        session.get_one(Media, number).ticket_id = None

    assert not worker.run_once()
    clock.advance(days=3)
    do_timed_work(open_session, clock)

    assert stored.media(open_session) == []


def test_what_was_attached_later_is_fetched_then(
    worker: MediaWorker, wechat: Served, send: Send, open_session: OpenSession, clock: FakeClock
) -> None:
    wechat.stand_in.media["M1"] = ("image/jpeg", JPEG)
    send()
    row = only(open_session)
    with open_session() as session:
        session.get_one(Media, row.id).ticket_id = None
    clock.advance(hours=1)
    with open_session() as session:
        ticket = session.get_one(Ticket, row.ticket_id)
        attach_media(session, ticket=ticket, messages=["key-M1"])

    worker.run_once()

    assert only(open_session).status is MediaStatus.KEPT


def test_after_three_days_wechat_has_nothing(
    send: Send, open_session: OpenSession, clock: FakeClock
) -> None:
    send()
    clock.advance(days=3)

    do_timed_work(open_session, clock)

    row = only(open_session)
    assert (row.status, row.media_id) == (MediaStatus.GONE, "")


def do_timed_work(open_session: OpenSession, clock: FakeClock) -> None:
    for job in list_jobs(APP_ID, ZoneInfo("Asia/Shanghai")):
        with open_session() as session:
            job.work(session, clock())


@contextmanager
def hanging_wechat(asked: Path) -> Iterator[str]:
    """Serve an API that never gives the file out, and says when it was asked for it."""
    app = FastAPI()

    @app.post("/cgi-bin/stable_token")
    def token() -> dict[str, object]:
        return {"access_token": "t", "expires_in": 7200}

    @app.get("/cgi-bin/media/get")
    async def media(request: Request) -> Response:
        asked.write_text("yes")
        while not await request.is_disconnected():
            await request.receive()
        return Response(status_code=500)

    with serving(app, free_port()) as address:
        yield address


@pytest.mark.race
def test_a_process_that_is_killed_in_the_middle_leaves_it_to_be_kept_once(  # noqa: PLR0913, PLR0917
    database_url: str,
    worker: MediaWorker,
    wechat: Served,
    send: Send,
    open_session: OpenSession,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    wechat.stand_in.media["M1"] = ("image/jpeg", JPEG)
    send()
    asked = tmp_path / "asked"
    with hanging_wechat(asked) as base:
        command = [sys.executable, "-m", "tests.races.media_fetcher", database_url, base]
        process = subprocess.Popen(command, env=environment(database_url))
        while not asked.exists():
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"it ended by itself: {process.wait(0.05)}")
        process.kill()
        process.wait()

    assert not worker.run_once()
    clock.advance(seconds=LEASE.total_seconds())
    assert [worker.run_once(), worker.run_once()] == [True, False]

    row = only(open_session)
    assert (row.status, row.content, row.attempts) == (MediaStatus.KEPT, JPEG, 2)


def test_the_limit_is_the_same_everywhere() -> None:
    assert api_module.MAX_ANSWER == media_module.MAX_BYTES
