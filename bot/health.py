"""Whether the service is alive, and whether it is ready to answer people."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from bot.reach import ReadReach
from bot.wechat.skew import SkewGauge
from knowledge.live import LiveKnowledge
from models.clock import Clock
from models.database import Database


def create_health(
    *,
    database: Database,
    knowledge: LiveKnowledge,
    skew: SkewGauge,
    clock: Clock,
    read_reach: ReadReach,
) -> APIRouter:
    """Return the routes `/healthz` (alive) and `/readyz` (database, knowledge, clock, paging)."""
    router = APIRouter()

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    def readyz() -> JSONResponse:
        now = clock()
        reachable = database.is_reachable()
        if reachable:
            knowledge.engine(now)
        is_ready = reachable and knowledge.is_loaded
        body: dict[str, Any] = {
            "status": "ready" if is_ready else "not ready",
            "database": "reachable" if reachable else "unreachable",
            "knowledge": "loaded" if knowledge.is_loaded else "not loaded",
            "clock": _clock_state(skew, now),
            "paging": read_reach(now) if reachable else {"warning": "unknown without the database"},
        }
        return JSONResponse(body, status_code=200 if is_ready else 503)

    return router


def _clock_state(skew: SkewGauge, now: datetime) -> dict[str, Any]:
    """Return by how many seconds WeChat's clock was last seen away from ours, and what to do."""
    state: dict[str, Any] = {"now": now.isoformat(timespec="seconds"), "skew_seconds": 0}
    if skew.last is not None:
        state["skew_seconds"] = skew.last.seconds
        state["seen_at"] = skew.last.seen_at.isoformat(timespec="seconds")
        state["warning"] = "signed requests are refused for their age: set this machine's clock"
    return state
