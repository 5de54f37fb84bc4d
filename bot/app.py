"""Puts the service together."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from fastapi import APIRouter, FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from bot.admin.office import Office
from bot.admin.routes import mount_admin
from bot.background import BackgroundWorker
from bot.console.routes import create_console, create_desk, mount_console
from bot.deferral import Account, Deferral, SayInDanger
from bot.dispatcher import Dispatcher
from bot.health import create_health
from bot.logs import set_up_logging
from bot.patience import Dispatch, Patience, PatientDispatch
from bot.reach import create_reach
from bot.settings import Settings, load_settings
from bot.simulator.routes import create_simulator
from bot.wechat.rendering import paginate
from bot.wechat.skew import SkewGauge
from bot.wechat.webhook import create_webhook
from handlers.registry import create_router
from knowledge.content_dir import CONTENT
from knowledge.engine import Engine
from knowledge.live import LiveKnowledge
from knowledge.safety import SafetyTexts
from models.clock import Clock, system_clock
from models.database import Database
from models.encryption import Cipher
from models.messages import InboundMessage, RenderedReply

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Service:
    """The parts that the routes share."""

    database: Database
    knowledge: LiveKnowledge
    dispatcher: Dispatcher
    deferral: Deferral
    clock: Clock


def create_service(
    settings: Settings, *, clock: Clock = system_clock, engine: Engine | None = None
) -> Service:
    """Open the database and load the knowledge, unless a loaded engine is handed in."""
    database = Database(settings.database_url, cipher=Cipher(settings.data_encryption_key))
    knowledge = LiveKnowledge(engine=engine or Engine.load(CONTENT), database=database)
    safety_texts = SafetyTexts.load(CONTENT / "safety")
    dispatcher = Dispatcher(
        database=database,
        knowledge=knowledge,
        router=create_router(),
        safety_texts=safety_texts,
        paginate=paginate,
        clock=clock,
        timezone=settings.zone,
        sender=settings.wechat_app_id if settings.app_secret else "",
    )
    deferral = Deferral(
        database=database,
        clock=clock,
        account=Account(app_id=settings.wechat_app_id, can_send=bool(settings.app_secret)),
        say_in_danger=_say_in_danger(knowledge, safety_texts),
    )
    return Service(
        database=database,
        knowledge=knowledge,
        dispatcher=dispatcher,
        deferral=deferral,
        clock=clock,
    )


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = system_clock,
    engine: Engine | None = None,
    patience: Patience | None = None,
) -> FastAPI:
    """Return the application; without settings they are read from the environment."""
    if settings is None:
        settings = load_settings()
        set_up_logging(settings.log_level)
    app = create_chat_app(settings, clock=clock, engine=engine, patience=patience)
    service: Service = app.state.service
    desk = create_desk(settings, database=service.database, clock=clock)
    mount_console(app, create_console(desk))
    mount_admin(app, Office(desk, service.knowledge, facts=settings.spoken))
    if not settings.is_production:
        app.include_router(_simulator(settings))
    return app


def create_chat_app(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    engine: Engine | None = None,
    patience: Patience | None = None,
) -> FastAPI:
    """Return what WeChat alone needs: webhook, health and the work in the background."""
    service = create_service(settings, clock=clock, engine=engine)
    app = FastAPI(
        title="Kuangyou", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan
    )
    app.state.service = service
    app.state.background = (
        BackgroundWorker(
            settings, database=service.database, dispatcher=service.dispatcher, clock=clock
        )
        if settings.background_worker
        else None
    )
    skew = SkewGauge()
    app.include_router(
        create_webhook(
            credentials=settings.credentials,
            dispatch=PatientDispatch(
                _slowed(service.dispatcher.dispatch, settings.demo_slow_seconds),
                deferral=service.deferral,
                clock=clock,
                patience=patience or Patience(),
            ),
            clock=clock,
            skew=skew,
        )
    )
    app.include_router(
        create_health(
            database=service.database,
            knowledge=service.knowledge,
            skew=skew,
            clock=clock,
            read_reach=create_reach(settings, database=service.database),
        )
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    try:
        service.knowledge.engine(service.clock())  # the first message must not wait for it
        log.info("started")
    except SQLAlchemyError:
        log.warning("started_without_database")
    background: BackgroundWorker | None = app.state.background
    if background is not None:
        background.start()
    yield
    if background is not None:
        await run_in_threadpool(background.stop)
    service.database.close()
    log.info("stopped")


def _slowed(dispatch: Dispatch, seconds: float) -> Dispatch:
    """Let a demonstration show what becomes of a slow answer."""
    if not seconds:
        return dispatch

    def wait_first(message: InboundMessage) -> RenderedReply:
        time.sleep(seconds)
        return dispatch(message)

    return wait_first


def _say_in_danger(knowledge: LiveKnowledge, texts: SafetyTexts) -> SayInDanger:
    def say(text: str) -> str | None:
        _, danger = knowledge.current.hear(text)
        return texts.for_danger(danger).still_here if danger.is_crisis else None

    return say


def _simulator(settings: Settings) -> APIRouter:
    return create_simulator(
        webhook_url=f"{settings.local_url}/wechat",
        token=settings.wechat_token,
        app_id=settings.wechat_app_id,
        encoding_aes_key=settings.wechat_encoding_aes_key,
        secret=settings.app_secret,
    )
