"""How often a stranger may knock at each kind of door. Counted in Valkey, so that all processes
count together; a Valkey that is away costs the common count, never the request.

Limits guard against guessing and floods; they must never stand between a person and the way out of
a list, which is why a right token is counted by itself: one mail program opts out many people from
one address. Webhooks are counted in `bursts`, without Valkey.
"""

import math
import time
from contextlib import suppress

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import TooManyRequests

from app.config import Config

limiter = Limiter(get_remote_address, default_limits=[], swallow_errors=True)

GUESSES = "30 per minute"
CLICKS = "600 per minute"
PRESSES = "60 per minute"
SIGN_INS = "20 per minute"
CONNECTIONS = "30 per minute"
WAITS = "120 per minute"
CALLBACKS = "60000 per minute"
PAGES = "1200 per minute"

_PATIENCE_SECONDS = 0.5
_UNKNOWN_WAIT = 60


def install_limits(app: Flask, config: Config) -> None:
    """A Valkey that is away or slow is asked again later; until then each process counts alone."""
    app.config["RATELIMIT_STORAGE_URI"] = config.redis_url or "memory://"
    if config.redis_url:
        patience = {
            "socket_timeout": _PATIENCE_SECONDS,
            "socket_connect_timeout": _PATIENCE_SECONDS,
        }
        app.config["RATELIMIT_STORAGE_OPTIONS"] = patience
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    app.config["RATELIMIT_KEY_PREFIX"] = "web"
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, _too_often)


def was_a_guess(response: Response) -> bool:
    """Only a wrong token counts."""
    return response.status_code in {401, 404}


def was_taken(response: Response) -> bool:
    """Only what was proven counts, or a stranger could use up somebody's room."""
    return response.status_code < 300


def this_path() -> str:
    """Counted by what the address names, a token or a store, whoever asks."""
    return request.path


def this_visitor_here() -> str:
    """Whoever asks, at this address: who guesses here does not close other doors of a host that
    many share."""
    return f"{get_remote_address()} {request.path}"


def _too_often(_: Exception) -> Response:
    wait = _UNKNOWN_WAIT
    with suppress(Exception):  # The count may have gone away meanwhile.
        breached = limiter.current_limit
        # The library counts windows of the machine's clock.
        wait = max(1, math.ceil(breached.reset_at - time.time())) if breached else wait
    refused = TooManyRequests(f"Too many requests: try again in {wait} seconds.", retry_after=wait)
    return current_app.make_response(current_app.handle_user_exception(refused))
