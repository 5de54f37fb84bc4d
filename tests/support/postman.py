"""Does by hand what the background does: the timed work, and sending to a phone that notes it."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from bot.background import list_jobs
from bot.outbox_worker import OutboxWorker, RateLimit
from models.account_state import switch_sending_off
from models.contact import Contact
from models.database import Database
from models.outbox import OutboxMessage
from models.reply_window import GrantReason, grant
from tests.support.chat import FakeClock
from tests.support.people import add_contact

APP_ID = "wx0000000000000001"
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Postman:
    """The background of a service whose clock stands still; `sent` is what phones have shown."""

    database: Database
    clock: FakeClock
    sent: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.worker = OutboxWorker(
            database=self.database,
            gateway=self,
            app_id=APP_ID,
            clock=self.clock,
            timezone=ZONE,
            rate=RateLimit(100_000),
        )

    def send_text(self, openid: str, text: str) -> None:
        """Take a text as WeChat does."""
        self.sent.append((openid, text))

    def keep_time(self) -> None:
        """Do all the timed work once."""
        for job in list_jobs(APP_ID, ZONE):
            with self.database.transaction() as session:
                job.work(session, self.clock())

    def deliver(self) -> list[str]:
        """Do the timed work, send what may go; return what arrived, oldest first."""
        before = len(self.sent)
        self.keep_time()
        while self.worker.run_once():
            pass
        return [text for _, text in self.sent[before:]]

    def lose_the_right_to_send(self) -> None:
        """Make the account one that is not verified."""
        with self.database.transaction() as session:
            switch_sending_off(session, app_id=APP_ID, now=self.clock())

    def hears_from(self, openid: str) -> int:
        """Let somebody write; return their id."""
        with self.database.transaction() as session:
            found = session.exec(select(Contact.id).where(Contact.openid == openid)).first()
            contact_id = found or add_contact(session, openid, now=self.clock())
            self.open_window(session, contact_id)
        return contact_id

    def open_window(self, session: Session, contact_id: int) -> None:
        """Let WeChat allow to write to somebody."""
        grant(session, contact_id=contact_id, reason=GrantReason.MESSAGE, now=self.clock())

    def rows(self) -> list[OutboxMessage]:
        """Return the outbox, oldest first."""
        with self.database.transaction() as session:
            return list(session.exec(select(OutboxMessage).order_by(OutboxMessage.id)))  # type: ignore[arg-type]
