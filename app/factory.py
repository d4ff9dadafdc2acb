"""Builds the web app from its settings. The only place where its parts meet."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import clock, db, jobs, logs
from app.config import Config, read_config
from app.crypto import Vault
from app.inbox.receive import Keeper
from app.stores.directory import Directory
from app.web.request import install_error_pages
from app.web.webhooks import webhooks


def create_app(config: Config | None = None) -> Flask:
    """The WSGI app. Raises ConfigError, naming the setting, before it serves anybody."""
    config = config or read_config()
    app = Flask("app.web", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = config.max_webhook_bytes
    app.config["SECRET_KEY"] = config.keys[0]
    app.extensions["comeback.config"] = config
    app.extensions["comeback.directory"] = Directory(Vault(config.keys))
    app.extensions["comeback.keeper"] = Keeper()
    app.register_blueprint(webhooks)
    install_error_pages(app)
    hops = config.trusted_proxies
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def connect_process(config: Config) -> None:
    """Point this process at the database, the queue and the clock its settings name."""
    logs.configure(config.log_level)
    if config.clock:
        clock.use(clock.accelerated(config.clock))
    assert config.database_url and config.redis_url, "the launcher fills both in"
    db.connect(config.database_url)
    jobs.connect(config.redis_url)
