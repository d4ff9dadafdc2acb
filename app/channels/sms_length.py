"""How many parts a text needs, exactly as a phone network counts. Pure; knows no provider.

GSM 03.38 with its extension table, else UCS-2; a concatenated part loses six bytes to its header.
https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Each is an escape and a sign: two units."""


class Encoding(StrEnum):
    GSM_7 = "gsm-7"
    UCS_2 = "ucs-2"


_LIMITS = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}
"""Units in a text of one part, and in each part of a longer one."""


@dataclass(frozen=True, slots=True)
class SmsLength:
    """`units` are septets or UTF-16 code units; an empty text has no part."""

    encoding: Encoding
    units: int
    parts: int


def segments(text: str) -> SmsLength:
    """What `text` is sent as. Fill in links and names before counting."""
    encoding = Encoding.UCS_2 if outside_gsm(text) else Encoding.GSM_7
    widths = [_width(sign, encoding) for sign in text]
    units = sum(widths)
    whole, part = _LIMITS[encoding]
    if units <= whole:
        return SmsLength(encoding, units, 1 if units else 0)
    return SmsLength(encoding, units, _parts(widths, part))


def outside_gsm(text: str) -> tuple[str, ...]:
    """The signs that make the whole text UCS-2, each once, in their order: for the editor."""
    return tuple(dict.fromkeys(sign for sign in text if sign not in _BASIC | _EXTENDED))


def price_minor(parts: int, country: str, prices: Mapping[str, Decimal]) -> Decimal | None:
    """What a text of so many parts costs, in minor units; None when the store gave no price.

    `prices` are the store's own, in minor units for one part, by country. A part often costs less
    than a cent: round once, after adding up.
    """
    price = prices.get(country)
    return None if price is None else price * parts


def _width(sign: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM_7:
        return 2 if sign in _EXTENDED else 1
    return 2 if ord(sign) > 0xFFFF else 1


def _parts(widths: Iterable[int], room: int) -> int:
    """A pair, of an escape or of surrogates, moves to the next part as a whole."""
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts
