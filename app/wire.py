"""What one caller may take of the server: a request has an end, and its head a size.

uvicorn has no such limits (`limit_concurrency` apart): a caller who never finishes would hold a
connection, and a head that never ends would fill the memory.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_SECONDS = 60.0
"""From the first byte of a request, or from the connection, to the last byte of the body."""

MOST_HEAD_BYTES = 64 * 1024
_TOO_LARGE = b"HTTP/1.1 431 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Connection(HttpToolsProtocol):
    """One caller."""

    patience = REQUEST_SECONDS

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head_bytes, self._in_head = 0, True
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._wait_for_the_rest()

    def connection_lost(self, error: Exception | None) -> None:
        self._all_is_there()
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head_bytes += len(data)
        if self._in_head and self._head_bytes > MOST_HEAD_BYTES:
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes, self._in_head = 0, True
        self._wait_for_the_rest()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._all_is_there()
        super().on_message_complete()

    def _wait_for_the_rest(self) -> None:
        if self._end is None:
            self._end = self.loop.call_later(self.patience, self.transport.close)

    def _all_is_there(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None
