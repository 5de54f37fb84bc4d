"""The one visible list of topics, in the order in which they are asked."""

from handlers.router import Router, SpecialHandlers
from handlers.topics.classes import Classes
from handlers.topics.counsel import Counsel
from handlers.topics.fallback import Fallback
from handlers.topics.human import Human
from handlers.topics.jobs import Jobs
from handlers.topics.legal import Legal
from handlers.topics.media import Media
from handlers.topics.referral import Referral
from handlers.topics.register import Register
from handlers.topics.resume import Resume
from handlers.topics.safety import Safety
from handlers.topics.smalltalk import Smalltalk
from handlers.topics.welcome import Welcome


def create_router() -> Router:
    """Return the router with every topic of the product."""
    human = Human()
    topics = (
        Welcome(),
        human,
        Register(),
        Jobs(),
        Classes(),
        Legal(),
        Counsel(),
        Referral(),
        Smalltalk(),
    )
    special = SpecialHandlers(
        safety=Safety(), human=human, resume=Resume(), media=Media(), fallback=Fallback()
    )
    return Router(topics=topics, special=special)
