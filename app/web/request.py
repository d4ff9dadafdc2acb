"""What every door needs from a request: raw headers, the public address, what the app shares."""

from uuid import UUID

from flask import abort, current_app, request

from app.config import Config
from app.stores.connections import Connections
from app.stores.directory import Directory


def config() -> Config:
    """The settings this app was built with."""
    settings: Config = current_app.extensions["comeback.config"]
    return settings


def connections() -> Connections:
    """The one opener of shops and channels of this process."""
    shared: Connections = current_app.extensions["comeback.connections"]
    return shared


def directory() -> Directory:
    shared: Directory = current_app.extensions["comeback.directory"]
    return shared


def lower_headers() -> dict[str, str]:
    """The request's headers by lower-case name."""
    return {name.lower(): value for name, value in request.headers.items()}


def public_url() -> str:
    """The address the sender used, as the operator configured it: proxies change the rest."""
    return config().public_url.rstrip("/") + request.full_path.rstrip("?")


def our_url(path: str) -> str:
    """`path` on the public address, for others to call or to send people back to."""
    return config().public_url.rstrip("/") + path


def id_or_404(text: str) -> UUID:
    """The id in a path; anything that is not one does not exist."""
    try:
        return UUID(text)
    except ValueError:
        abort(404)


def is_script() -> bool:
    """Whether a script of our page asks, and not the browser for a document."""
    return "HX-Request" in request.headers or "Authorization" in request.headers
