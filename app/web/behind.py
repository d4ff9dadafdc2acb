"""Flask behind an asynchronous server: a thread for each request, and only what WSGI can tell."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from a2wsgi import WSGIMiddleware

from app.web.asgi import AsgiApp, Receive, Scope, Send

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_ESCAPE = b"The address has letters that must be escaped, as %C3%A9 for an e with an accent."
THREADS = 32
"""Pages and links a web process works on at once: most of their time is the database's."""


def behind(wsgi: "WSGIApplication") -> AsgiApp:
    """`wsgi` as an ASGI app."""
    threaded: AsgiApp = WSGIMiddleware(wsgi, workers=THREADS)  # type: ignore[arg-type, assignment]

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["query_string"].isascii():  # A browser escapes the rest (RFC 3986, 2.1).
            await _refuse(send)
            return
        # In WSGI `x_forwarded_for` would be read as the header that only our proxy may set.
        scope["headers"] = [pair for pair in scope["headers"] if b"_" not in pair[0]]
        await threaded(scope, receive, send)

    return serve


async def _refuse(send: Send) -> None:
    length = str(len(_ESCAPE)).encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", length)]
    status = HTTPStatus.BAD_REQUEST
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": _ESCAPE})
