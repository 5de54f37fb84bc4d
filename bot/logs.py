"""Structured logs: an event name with fields, one JSON object a line, no personal data."""

import logging
import sys
import traceback
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


def set_up_logging(level: str) -> None:
    """Write structlog's and the libraries' events as JSON lines to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        exception_without_values,
    ]
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Addresses and query strings of requests hold openids and signatures.
    logging.getLogger("uvicorn.access").disabled = True
    for talkative in ("httpx", "bm25s"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


def exception_without_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Log what broke and where, but not the exception's text: it may quote what people wrote."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if info and info[0] is not None:
        event["exception"] = info[0].__name__
        event["where"] = _frames(info[2])
    return event


def _frames(trace: TracebackType | None) -> list[str]:
    return [
        f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)[-8:]
    ]
