"""Ports of this machine: one to listen on, and whether somebody has it already."""

import secrets
import socket

from app.errors import ConfigError

_LOWEST, _BEYOND = 10_000, 32_000
"""Below what any system takes for connections that leave (Linux from 32,768, others from 49,152):
the thousands of a busy machine would take the port between our look and the server's start."""


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    while True:
        port = _LOWEST + secrets.randbelow(_BEYOND - _LOWEST)
        try:
            _bind("127.0.0.1", port)
        except OSError:
            continue
        return port


def require_free(host: str, port: int) -> None:
    """Raises ConfigError when nothing can listen there: our own processes share a port between
    them, so a second app would be given half of the first one's callers."""
    try:
        _bind(host, port)
    except OSError as error:
        raise ConfigError(
            f"PORT: nothing can listen on {host}:{port} ({error.strerror}); set another port or"
            " HOST."
        ) from error


def _bind(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
