"""Builds the web app from its settings. The only place where its parts meet."""

import hashlib
import hmac
from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import clock, db, jobs, logs
from app.config import Config, read_config
from app.crypto import Vault
from app.stores.connections import Connections
from app.stores.directory import Directory
from app.web import BLUEPRINTS
from app.web.access import csrf
from app.web.behind import behind
from app.web.errors import install_error_pages
from app.web.headers import install_headers
from app.web.limits import install_limits
from app.web.shown import install_filters
from app.web.webhooks import WebhookDoors

SESSION = timedelta(hours=12)
"""How long a browser stays signed in, from its sign-in on."""


def create_app(config: Config | None = None) -> Flask:
    """Pages, links and callbacks (WSGI).

    Raises ConfigError, naming the setting, before it serves anybody.
    """
    config = config or read_config()
    app = Flask("app.web", static_folder="static", template_folder="templates")
    _configure(app, config)
    app.extensions["comeback.config"] = config
    app.extensions["comeback.directory"] = Directory(Vault(config.keys))
    app.extensions["comeback.connections"] = Connections(config)
    csrf.init_app(app)
    install_limits(app, config)
    install_headers(app, config)
    install_filters(app)
    install_error_pages(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    hops = config.trusted_proxies
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
    )
    return app


def create_doors(app: Flask, config: Config) -> WebhookDoors:
    """The whole app as the server serves it (ASGI): webhooks are taken in front of `app`."""
    directory = app.extensions["comeback.directory"]
    return WebhookDoors(behind(app.wsgi_app), config, directory)


def _configure(app: Flask, config: Config) -> None:
    keys = [_session_key(key) for key in config.keys]
    app.config.update(
        MAX_CONTENT_LENGTH=config.max_webhook_bytes,
        SECRET_KEY=keys[0],
        SECRET_KEY_FALLBACKS=keys[1:],
        SESSION_COOKIE_NAME="comeback",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=SESSION,
        # A list that refreshes itself would otherwise keep a forgotten tab signed in for ever, and
        # an answer still on its way at the sign-out would sign the browser in again.
        SESSION_REFRESH_EACH_REQUEST=False,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=30),
        # `access` asks for it where a cookie, and not a token, says who it is.
        WTF_CSRF_CHECK_DEFAULT=False,
        # As long as the session it belongs to: who fills in a form for two hours loses nothing.
        WTF_CSRF_TIME_LIMIT=None,
        # SameSite and the token do this; some people's browsers send no Referer at all.
        WTF_CSRF_SSL_STRICT=False,
    )


def _session_key(key: str) -> str:
    """Derived, so that what signs a cookie never opens a credential."""
    return hmac.digest(key.encode(), b"comeback.session", hashlib.sha256).hex()


def connect_process(config: Config) -> None:
    """Point this process at the database, the queue and the clock its settings name."""
    logs.configure(config.log_level)
    if config.clock:
        clock.use(clock.accelerated(config.clock))
    assert config.database_url and config.redis_url, "the launcher fills both in"
    db.connect(config.database_url)
    jobs.connect(config.redis_url)
