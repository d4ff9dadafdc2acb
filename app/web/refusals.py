"""What a machine is answered at a door in front of Flask: a status, and one sentence as JSON.

Must never show what went wrong inside.
"""

import json
from http import HTTPStatus

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, TooManyRequests

from app.errors import BadSignature, Unreachable
from app.web.asgi import Send

_HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]
_log = structlog.get_logger(__name__)


async def answer(send: Send, error: Exception | None = None) -> None:
    """200 and nothing more, or the refusal that `error` stands for."""
    code, sentence = (200, "") if error is None else _refusal(error)
    body = json.dumps({"error": sentence}).encode() if sentence else b""
    headers = [*_HEADERS, *_more(code, error), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": code, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _more(code: int, error: Exception | None) -> list[tuple[bytes, bytes]]:
    if isinstance(error, TooManyRequests):
        return [(b"retry-after", str(error.retry_after).encode())]
    if code == HTTPStatus.METHOD_NOT_ALLOWED:
        return [(b"allow", b"POST")]
    # Whoever sent this will send it again: platforms repeat what was answered with a 503.
    return [(b"retry-after", b"5")] if code == HTTPStatus.SERVICE_UNAVAILABLE else []


def _refusal(error: Exception) -> tuple[int, str]:
    match error:
        case BadSignature():
            return 401, str(error)
        case Unreachable():
            return 503, str(error)
        case HTTPException():
            return error.code or 500, error.description or error.name
        case OperationalError() | InterfaceError() | PoolTimeout():
            _log.error("database_down", error=type(error).__name__, door="webhooks")
            return 503, "The database does not answer; try again in a moment."
        case _:
            _log.error(
                "request_failed", error=type(error).__name__, door="webhooks", exc_info=error
            )
            return 500, "Something went wrong on our side. It has been recorded."
