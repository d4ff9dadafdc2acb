"""The web app under the wire, as the server loads it."""

from tests.faults import tripwire

tripwire.arm("web")

from asgi import app  # noqa: E402 - its threads must find the wire.

__all__ = ["app"]
