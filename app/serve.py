"""The web process. `python -m app.serve` listens where the settings say, in as many processes."""

import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn
import uvloop
from uvicorn.supervisors import Multiprocess

from app import logs
from app.config import Config, read_config
from app.ports import require_free
from app.web.asgi import AsgiApp
from app.wire import Connection

APP = "asgi:app"

_HOW: dict[str, Any] = {
    "loop": "app.serve:Loop",
    "http": Connection,
    "ws": "none",
    "lifespan": "off",
    "interface": "asgi3",
    # Our own logs; no line for each request, and nothing that tells who we are.
    "log_config": None,
    "access_log": False,
    "server_header": False,
    # Whom a proxy may speak for is `ProxyFix`'s and the doors' to decide, by TRUSTED_PROXIES.
    "proxy_headers": False,
    # Longer than a proxy keeps an idle connection: the side that sends must be the one to close it.
    "timeout_keep_alive": 75,
    "timeout_worker_healthcheck": 30,
    "limit_concurrency": 2_000,
    "backlog": 2_048,
}
_GRACE_SECONDS = 20


class Loop(uvloop.Loop):
    """Each process listens on a socket of its own, so that the kernel spreads the callers. Of a
    shared one, the first to wake takes all that call at once, and the others have nothing to do."""

    async def create_server(self, *given: Any, **named: Any) -> Any:
        if "sock" not in named:
            named["reuse_port"] = True
        return await super().create_server(*given, **named)


def serve(config: Config, app: str = APP) -> None:
    """Serve until told to end; what is in hand is finished first.

    Raises ConfigError when somebody else listens there already.
    """
    require_free(config.host, config.port)
    signal.signal(signal.SIGTERM, _end_in_peace)
    wish: dict[str, Any] = {"host": config.host, "port": config.port, "workers": config.web_workers}
    how = uvicorn.Config(app, timeout_graceful_shutdown=_GRACE_SECONDS, **wish, **_HOW)
    if config.web_workers > 1:
        Multiprocess(how, sockets=None).run()  # type: ignore[arg-type] # None: each opens its own.
    else:
        uvicorn.Server(how).run()


def _end_in_peace(signum: int, frame: FrameType | None) -> None:
    # uvicorn raises the signal again once it has finished, which would look like a violent end.
    sys.exit(0)


def end_with_the_first() -> None:
    """Let this process end when the one that started it is gone, however that came: it would go on
    with an old version, on a port that the next one is refused."""
    first = multiprocessing.parent_process()
    if first is not None:
        threading.Thread(target=_wait_for_the_end_of, args=(first,), daemon=True).start()


def _wait_for_the_end_of(first: Any) -> None:
    first.join()
    os.kill(os.getpid(), signal.SIGTERM)


def listen() -> socket.socket:
    """A socket on loopback, for `in_thread`: whoever builds an app may have to know its port."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # Who calls before the server is up waits and is not turned away.
    return listening


@contextmanager
def in_thread(
    app: AsgiApp, listening: socket.socket, connection: type[Connection] = Connection
) -> Iterator[None]:
    """`app` served inside this process, whose clock it shares."""
    how = {**_HOW, "http": connection, "timeout_graceful_shutdown": 1}
    server = uvicorn.Server(uvicorn.Config(app, **how))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()


if __name__ == "__main__":
    logs.guard_last_words()
    serve(read_config(), *sys.argv[1:2])
