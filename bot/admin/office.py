"""What the admin pages work with: the desk of the console, and the bot itself."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Final

from bot.answering import AnsweringBot
from bot.asking.gather import AskedGroup, Gathered, Gatherer
from bot.console.desk import Desk
from knowledge.clusters import Grouper
from knowledge.content_dir import CONTENT
from knowledge.live import LiveKnowledge

LOOK_BACK: Final = 90
"""How many days a question waits for an answer in the list."""


@dataclass(frozen=True)
class Office:
    """The parts of the service that the views share; what is large is loaded when it is wanted."""

    desk: Desk
    knowledge: LiveKnowledge
    facts: dict[str, str] = field(default_factory=dict)
    """Settings of the environment, in words, for people to look at."""

    @cached_property
    def bot(self) -> AnsweringBot:
        """Return a bot that tells what it would answer."""
        desk = self.desk
        return AnsweringBot(desk.database, self.knowledge, clock=desk.clock, zone=desk.zone)

    @cached_property
    def grouper(self) -> Grouper:
        """Return what knows which questions ask the same."""
        return Grouper.load(CONTENT)

    def gatherer(self) -> Gatherer:
        """Return what gathers the questions that found no answer."""
        engine = self.knowledge.engine(self.desk.clock())
        return Gatherer(self.desk.database, engine=engine, grouper=self.grouper)

    def gather(self, *, days: int) -> Gathered:
        """Return what was asked in vain in the last days."""
        return self.gatherer().gather(since=self.desk.clock() - timedelta(days=days))

    def find_asked(self, asked: int) -> AskedGroup | None:
        """Return the questions that ask the same as the one with this number."""
        return self.gather(days=LOOK_BACK).find(asked)
