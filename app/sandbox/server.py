"""A small HTTP service on loopback and the knobs every sandboxed vendor shares.

A vendor subclasses `Service` and lists its routes; the handlers are methods that take the request
and the URL's values and return a response. Faults are queued by a test or by the demo and consumed
one per matching request, so that a lost reply or a rate limit happens exactly where it is wanted.
"""

import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from app import clock

Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One misbehaviour. `after` handles the request first and then spoils the reply, as when an
    answer is lost; otherwise the request is never handled."""

    path: str = "/"
    method: str | None = None
    status: int = 500
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    after: bool = False
    hang_up: bool = False
    delay_seconds: float = 0.0


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in two writes; Nagle would hold the second for 40 ms on every request.
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:
        """The sandbox keeps its own journal; the console belongs to the program."""


class HangUp(ConnectionError):
    """The connection is closed without an answer; the server takes it for a client that left."""


class Service:
    """One sandboxed vendor. Thread-safe: handlers run under `self.lock`."""

    routes: ClassVar[list[tuple[str, str, str]]] = []
    """(method, werkzeug rule, name of the handler method)."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.faults: deque[Fault] = deque()
        self.requests: list[tuple[datetime, str, str]] = []
        self.overheard: Callable[[Request, bool], object] = lambda request, answered: None
        """Called before a request is handled and again with its answer still in hand, unlocked."""
        self._map = Map(
            [Rule(rule, methods=[method], endpoint=name) for method, rule, name in self.routes]
        )
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address of the running service, without a trailing slash."""
        assert self._server is not None, "start() first"
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self, port: int = 0) -> str:
        """Listen on loopback (a free port unless one is given) and return the address."""
        self._server = make_server(
            "127.0.0.1", port, self._answer, threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self.url

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join(timeout=5)
            self._server.server_close()

    def fail(self, fault: Fault, times: int = 1) -> None:
        """Queue a fault for the next `times` requests it matches."""
        with self.lock:
            self.faults.extend([fault] * times)

    def _take_fault(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if request.path.startswith(fault.path) and fault.method in {None, request.method}:
                self.faults.remove(fault)
                return fault
        return None

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        request.get_data(cache=True)
        with self.lock:
            self.requests.append((clock.now(), request.method, request.path))
            fault = self._take_fault(request)
        response = self._respond(request, fault)
        return response(environ, start_response)

    def _respond(self, request: Request, fault: Fault | None) -> Response:
        if fault is None:
            self.overheard(request, False)
            response = self._dispatch(request)
            self.overheard(request, True)
            return response
        if fault.after:
            self._dispatch(request)
        if fault.delay_seconds:
            threading.Event().wait(fault.delay_seconds)
        if fault.hang_up:
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise HangUp(request.path)
        return Response(fault.body, status=fault.status, headers=list(fault.headers))

    def _dispatch(self, request: Request) -> Response:
        try:
            name, values = self._map.bind_to_environ(request.environ).match()
        except HTTPException as error:
            response: Response = error.get_response(request.environ)
            return response
        with self.lock:
            return getattr(self, name)(request, **values)  # type: ignore[no-any-return]
