"""The whole app behind Flask's test client: what shops post goes through the doors in front."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.wsgi import get_input_stream

from app.config import Config
from app.factory import create_app, create_doors
from app.web.asgi import Message
from app.web.webhooks import OWN, SHOPIFY, WOOCOMMERCE
from tests.awaiting import finish

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PIECE = 64 * 1024
"""A server hands a body over in pieces."""


def whole_app(config: Config) -> Flask:
    """An app whose client knocks at the doors of webhooks first, as everybody does."""
    app = create_app(config)
    app.extensions["tests.doors"] = doors = create_doors(app, config)
    pages = app.wsgi_app

    def wsgi(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith((SHOPIFY, WOOCOMMERCE, OWN)):
            return pages(environ, start)
        return finish(_ask(doors, environ, start))

    app.wsgi_app = wsgi  # type: ignore[method-assign, assignment]
    return app


async def _ask(doors: Any, environ: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
    body, answer = get_input_stream(environ), list[Message]()

    async def receive() -> Message:
        piece = body.read(PIECE)
        return {"type": "http.request", "body": piece, "more_body": len(piece) == PIECE}

    async def send(message: Message) -> None:
        answer.append(message)

    await doors(_scope(environ), receive, send)
    headers = [(name.decode(), value.decode()) for name, value in answer[0]["headers"]]
    start(str(answer[0]["status"]), headers)
    return [message["body"] for message in answer[1:]]


def _scope(environ: "WSGIEnvironment") -> dict[str, Any]:
    names = [name for name in environ if name.startswith("HTTP_") or name == "CONTENT_LENGTH"]
    return {
        "type": "http",
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "query_string": environ["QUERY_STRING"].encode("latin-1"),
        "client": (environ.get("REMOTE_ADDR", ""), 0),
        "headers": [
            (_wire_name(name), str(environ[name]).encode("latin-1"))
            for name in names
            if environ[name]
        ],
    }


def _wire_name(name: str) -> bytes:
    return name.removeprefix("HTTP_").replace("_", "-").lower().encode()
