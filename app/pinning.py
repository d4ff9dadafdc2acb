"""`requests` over a connection that we open ourselves: to addresses already looked up and checked,
under the name that was asked for, which Host, SNI and the certificate still go by.
"""

import contextlib
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError


class Line:
    """The connections of one call. `look_up` gives the addresses of a host, or refuses."""

    def __init__(self, look_up: Callable[[str, int], list[Any]]) -> None:
        self._look_up = look_up
        self._open: list[socket.socket] = []
        self.was_cut = False

    def connect(self, host: str, port: int, timeout: float | None) -> socket.socket:
        """To the first address that answers. Raises OSError when none does."""
        trouble = OSError("no address")
        for family, kind, protocol, _, address in self._look_up(host, port):
            opened = socket.socket(family, kind, protocol)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.settimeout(timeout)
            try:
                opened.connect(address)
            except OSError as error:
                opened.close()
                trouble = error
                continue
            # TLS takes the first handle over; the second one still cuts the line.
            self._open.append(opened.dup())
            return opened
        raise trouble

    def cut(self) -> None:
        """End it now, whatever it waits for."""
        self.was_cut = True
        for handle in self._open:
            with contextlib.suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for handle in self._open:
            handle.close()


class _Ours:
    """What both kinds of connection share: they ask the line."""

    def __init__(self, *positional: Any, line: Line, **named: Any) -> None:
        super().__init__(*positional, **named)
        self._line = line

    def _new_conn(self: Any) -> socket.socket:
        try:
            host = self.host.strip("[]")
            opened: socket.socket = self._line.connect(host, self.port, self.timeout)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "nobody answered in time") from error
        except OSError as error:
            raise NewConnectionError(self, f"the connection failed: {error}") from error
        return opened


class _Plain(_Ours, HTTPConnection): ...


class _Secure(_Ours, HTTPSConnection): ...


class LineAdapter(HTTPAdapter):
    """Sends everything over one line."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__()

    def get_connection_with_tls_context(self, *positional: Any, **named: Any) -> HTTPConnectionPool:
        pool = super().get_connection_with_tls_context(*positional, **named)
        assert isinstance(pool, HTTPConnectionPool)
        kind = _Secure if isinstance(pool, HTTPSConnectionPool) else _Plain
        pool.ConnectionCls = partial(kind, line=self._line)  # type: ignore[assignment]
        return pool
