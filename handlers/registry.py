"""The one visible list of topics, in the order in which they are asked."""

from handlers.router import Router, SpecialHandlers
from handlers.topics.aid import Aid
from handlers.topics.binding import Binding
from handlers.topics.calculate import Calculate
from handlers.topics.classes import Classes
from handlers.topics.counsel import Counsel
from handlers.topics.fallback import Fallback
from handlers.topics.helpfulness import Helpfulness
from handlers.topics.human import Human
from handlers.topics.job_post import JobPost
from handlers.topics.jobs import Jobs
from handlers.topics.legal import Legal
from handlers.topics.media import Media
from handlers.topics.mutual_help import MutualHelp
from handlers.topics.opinions import Opinions
from handlers.topics.privacy import Privacy
from handlers.topics.queue import Queue
from handlers.topics.rating import Rated
from handlers.topics.register import Register
from handlers.topics.resume import Resume
from handlers.topics.safety import Safety
from handlers.topics.smalltalk import Smalltalk
from handlers.topics.stations import Stations
from handlers.topics.welcome import Welcome
from knowledge.content_dir import CONTENT
from knowledge.notice import Notice


def create_router() -> Router:
    """Return the router with every topic of the product."""
    human, stations = Human(), Stations()
    topics = (
        Welcome(),
        Binding(),
        Queue(),
        human,
        Privacy(),
        Register(),
        Jobs(),
        Classes(),
        Calculate(),
        Legal(),
        Helpfulness(),
        Rated(),
        Counsel(),
        stations,
        Aid(),
        MutualHelp(),
        Opinions(),
        JobPost(),
        Smalltalk(),
    )
    special = SpecialHandlers(
        safety=Safety(),
        human=human,
        resume=Resume(),
        media=Media(places=stations),
        fallback=Fallback(),
    )
    notice = Notice.load(CONTENT / "notice.yaml")
    return Router(topics=topics, special=special, notice=notice)
