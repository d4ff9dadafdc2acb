"""Which addresses a merchant's setting may reach: public ones, by their plain name, over TLS.

Everything else is refused with the setting's name, because it is the merchant who can mend it.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.errors import InvalidInput

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_OWN_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
"""Translated by a network's own rule: nobody can tell what stands behind such an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a call may go: where to, for how long, for how much. `field` is the setting that
    names the address."""

    field: str
    allow_private: bool = False
    seconds: float = 30.0
    largest: int = 32 * 1024 * 1024

    def plain(self, url: str) -> tuple[str, int]:
        """Host and port of an address without tricks; only a sandbox may do without TLS."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ({"https", "http"} if self.allow_private else {"https"}):
            raise InvalidInput(self.field, "give an address that starts with https://")
        if not parts.hostname or parts.username or parts.password:
            raise InvalidInput(self.field, "give a plain address such as https://shop.example")
        return parts.hostname, port or (443 if parts.scheme == "https" else 80)

    def look_up(self, host: str, port: int) -> list[Any]:
        """The addresses of a host, if the world may reach every one of them."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise InvalidInput(
                self.field, f"the name {host} does not resolve; check its spelling"
            ) from error
        if not self.allow_private and not all(_is_public(str(address[0])) for *_, address in found):
            raise InvalidInput(self.field, f"{host} is not a public address")
        return found


def guard_url(url: str, *, field: str, allow_private: bool = False) -> str:
    """`url` if it may be called from our network now, else InvalidInput naming `field`.

    For the moment somebody types it: what is called later looks again at what it connects to.
    """
    reach = Reach(field=field, allow_private=allow_private)
    host, port = reach.plain(url)
    if not allow_private:
        reach.look_up(host, port)
    return url


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local or address in _OWN_NAT64:
            return False
        # An IPv4 address in an IPv6 coat goes where the inner one leads.
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    return address.is_global and not address.is_multicast
