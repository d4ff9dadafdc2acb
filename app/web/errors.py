"""What a refused request gets: a page for a person, a short JSON for a machine, never a traceback.

Must never show what went wrong inside: our sentences are written for the reader, others are not.
"""

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.errors import (
    AccessLost,
    BadSignature,
    ComebackError,
    InvalidInput,
    MalformedPayload,
    Unreachable,
)
from app.web.words import has, language, say

_STATUS = {
    BadSignature: 401,
    MalformedPayload: 400,
    InvalidInput: 422,
    Unreachable: 503,
    AccessLost: 409,
}
_DATABASE_DOWN = (OperationalError, InterfaceError, PoolTimeout)
_RETRY_SECONDS = "5"
_log = structlog.get_logger(__name__)


def install_error_pages(app: Flask) -> None:
    """Every refusal is one sentence, in the reader's language where it is ours to choose."""
    app.register_error_handler(ComebackError, _ours)
    app.register_error_handler(HTTPException, _http)
    for kind in _DATABASE_DOWN:
        app.register_error_handler(kind, _database_down)
    app.register_error_handler(DataError, _cannot_be_kept)
    app.register_error_handler(UnicodeEncodeError, _cannot_be_kept)
    app.register_error_handler(Exception, _unforeseen)


def _ours(error: Exception) -> Response:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
    return _refusal(status, str(error))


def _http(error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response(request.environ))
    response = _refusal(error.code or 500, error.description or error.name)
    for name, value in error.get_headers(request.environ):
        if name.lower() != "content-type":
            response.headers[name] = value
    return response


def _database_down(error: Exception) -> Response:
    """Whoever sent this will send it again: platforms repeat a 503, people reload."""
    _log.error("database_down", error=type(error).__name__, door=_door())
    response = _refusal(503, "The database does not answer; try again in a moment.")
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _cannot_be_kept(error: Exception) -> Response:
    """A NUL, half a character, or a number no column holds: whoever sent it must change it. The log
    has the place, for it may have been ours."""
    _log.warning("cannot_be_kept", door=_door(), exc_info=error)
    return _refusal(
        400,
        "Something here cannot be kept: take out characters that cannot be seen, and numbers that"
        " are far too large.",
    )


def _unforeseen(error: Exception) -> Response:
    # The log tells kind and place, without the words; the reader gets a plain sentence.
    _log.exception("request_failed", error=type(error).__name__, door=_door())
    return _refusal(500, "Something went wrong on our side. It has been recorded.")


def _door() -> str:
    """The rule, not the path: links carry what opens them."""
    return str(request.url_rule)


def _refusal(status: int, sentence: str) -> Response:
    wanted = request.accept_mimetypes.best_match(
        ["application/json", "text/html"], default="application/json"
    )
    if wanted != "text/html":
        return make_response(jsonify({"error": sentence}), status)
    ours = f"error.{status}"
    shown = say(ours, language()) if has(ours) else sentence
    return make_response(render_template("error.html", status=status, sentence=shown), status)
