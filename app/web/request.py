"""What every door needs from a Flask request: raw headers, the public address, clear errors."""

from uuid import UUID

from flask import Flask, Response, abort, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from app.config import Config
from app.errors import (
    AccessLost,
    BadSignature,
    ComebackError,
    InvalidInput,
    MalformedPayload,
    Unreachable,
)

_STATUS = {
    BadSignature: 401,
    MalformedPayload: 400,
    InvalidInput: 422,
    Unreachable: 503,
    AccessLost: 409,
}


def config() -> Config:
    """The settings this app was built with."""
    settings: Config = current_app.extensions["comeback.config"]
    return settings


def lower_headers() -> dict[str, str]:
    """The request's headers by lower-case name."""
    return {name.lower(): value for name, value in request.headers.items()}


def public_url() -> str:
    """The address the sender used, as the operator configured it: proxies change the rest."""
    return config().public_url.rstrip("/") + request.full_path.rstrip("?")


def store_id_or_404(text: str) -> UUID:
    """The id in a path; anything that is not one does not exist."""
    try:
        return UUID(text)
    except ValueError:
        abort(404)


def install_error_pages(app: Flask) -> None:
    """Every refusal is a short JSON or a sentence, never a traceback."""

    def explain(error: Exception) -> tuple[Response, int]:
        status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
        return jsonify({"error": str(error)}), status

    def plain(error: Exception) -> tuple[Response, int]:
        assert isinstance(error, HTTPException)
        return jsonify({"error": error.description}), error.code or 500

    app.register_error_handler(ComebackError, explain)
    app.register_error_handler(HTTPException, plain)
