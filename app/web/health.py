"""Whether this process lives, and whether it can do its work. Says nothing else to anybody."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import db, jobs
from app.errors import ConfigError
from app.web.limits import PAGES, limiter

health = Blueprint("health", __name__)
limiter.limit(PAGES)(health)


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers: restart it when it does not."""
    return jsonify({"alive": True})


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    """The database and the queue answer: send no traffic while they do not."""
    parts = {"database": _database(), "queue": _queue()}
    return jsonify(parts), 200 if all(parts.values()) else 503


def _database() -> bool:
    try:
        with db.engine().connect() as connection:
            connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, ConfigError):
        return False
    return True


def _queue() -> bool:
    try:
        return bool(jobs.redis().ping())
    except (RedisError, ConfigError):
        return False
