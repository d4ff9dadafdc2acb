"""Guarding outbound calls: one place that says which addresses a merchant's setting may reach."""

import ipaddress
import socket
from urllib.parse import urlsplit

from app.errors import InvalidInput


def guard_url(url: str, *, field: str, allow_private: bool = False) -> str:
    """`url` if it is safe to call from our network, else InvalidInput naming `field`.

    Production takes https and public addresses only; the name is resolved here, so an address that
    turns private later is refused at the next call.
    """
    parts = urlsplit(url)
    if parts.scheme not in ({"https", "http"} if allow_private else {"https"}):
        raise InvalidInput(field, "give an address that starts with https://")
    if not parts.hostname or parts.username or parts.password:
        raise InvalidInput(field, "give a plain address such as https://shop.example")
    if not allow_private:
        _require_public(parts.hostname, parts.port or 443, field)
    return url


def _require_public(host: str, port: int, field: str) -> None:
    try:
        found = socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise InvalidInput(
            field, f"the name {host} does not resolve; check its spelling"
        ) from error
    for *_, address in found:
        if not ipaddress.ip_address(address[0]).is_global:
            raise InvalidInput(field, f"{host} is not a public address")
