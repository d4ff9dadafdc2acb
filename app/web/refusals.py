"""What a machine is answered at a door in front of Flask: a status, and one sentence as JSON.

Must never show what went wrong inside.
"""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, TooManyRequests

from app.errors import BadSignature, Unreachable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

_HEADERS = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]
_AGAIN = ("Retry-After", "5")
_log = structlog.get_logger(__name__)


def answer(start: "StartResponse", error: Exception | None = None) -> Iterable[bytes]:
    """200 and nothing more, or the refusal that `error` stands for."""
    if error is None:
        start("200 OK", [*_HEADERS, ("Content-Length", "0")])
        return [b""]
    code, sentence = _refusal(error)
    body = json.dumps({"error": sentence}).encode()
    headers = [*_HEADERS, ("Content-Length", str(len(body)))]
    if code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append(("Allow", "POST"))
    if isinstance(error, TooManyRequests):
        headers.append(("Retry-After", str(error.retry_after)))
    # Whoever sent this will send it again: platforms repeat what was answered with a 503.
    start(f"{code} {HTTPStatus(code).phrase}", [*headers, _AGAIN] if code == 503 else headers)
    return [body]


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
