"""How often a stranger may knock. Counted in Valkey, so that all processes count together.

Limits guard against guessing; they must never stand between a person and the way out of a list,
which is why a right token is free: one mail program opts out many people from one address.
"""

from flask import Flask, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from app.config import Config

limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=True)

GUESSES = "30 per minute"
CLICKS = "600 per minute"
SIGN_INS = "20 per minute"
CONNECTIONS = "30 per minute"


def install_limits(app: Flask, config: Config) -> None:
    """A Valkey that is away costs the count, never the request: each process then counts alone."""
    app.config["RATELIMIT_STORAGE_URI"] = config.redis_url or "memory://"
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    app.config["RATELIMIT_KEY_PREFIX"] = "web"
    limiter.init_app(app)


def was_a_guess(response: Response) -> bool:
    """Only a wrong token counts."""
    return response.status_code in {401, 404}
