"""A whole bot without a server: reviewed content in a fresh database in memory."""

from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet

from bot.answering import AnsweringBot
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine
from knowledge.live import LiveKnowledge
from models import schema
from models.clock import Clock
from models.database import Database
from models.encryption import Cipher
from scripts.demonstration.content import seed_content


def create_bot(*, clock: Clock, zone: ZoneInfo, engine: Engine | None = None) -> AnsweringBot:
    """Fill a database in memory with the reviewed content and load the engine."""
    database = Database("sqlite:///:memory:", cipher=Cipher(Fernet.generate_key().decode()))
    schema.upgrade(database)
    with database.transaction() as session:
        seed_content(session, now=clock(), zone=zone)
    knowledge = LiveKnowledge(engine=engine or Engine.load(CONTENT), database=database)
    return AnsweringBot(database, knowledge, clock=clock, zone=zone)
