"""JSON in and out, quickly: a webhook's content is read and written half a dozen times on its way.

`read_exact` must never make a float of a number that may be money, and never refuse what Python's
own reader takes: shops write halves of surrogate pairs.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

_PLAIN = msgspec.json.Decoder()
# Whatever has no form of its own in JSON is written as its text.
_WRITER = msgspec.json.Encoder(enc_hook=str)
_SORTED = msgspec.json.Encoder(enc_hook=str, order="sorted")


def exact_reader(shape: Any) -> Callable[[bytes], Any]:
    """A reader of bodies; numbers with a point become Decimal. It raises ValueError or
    RecursionError. Of a TypedDict only the fields are read that it names; a body of another shape
    is read whole."""
    decoder = msgspec.json.Decoder(shape, float_hook=Decimal)

    def read_exact(body: bytes) -> Any:
        try:
            return decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeError):
            return json.loads(body, parse_float=Decimal)

    return read_exact


read_exact = exact_reader(Any)


def read(text: str | bytes) -> Any:
    """What was written by `write`, or by PostgreSQL."""
    return _PLAIN.decode(text)


def write(value: Any) -> str:
    """`value` as JSON. Moments in UTC end in Z; identifiers and amounts are text."""
    return _WRITER.encode(value).decode()


def plain(value: Any) -> Any:
    """`value` as it is read back from JSON."""
    return msgspec.to_builtins(value)


def written(text: str) -> msgspec.Raw:
    """JSON that was written before, to stand inside of more."""
    return msgspec.Raw(text.encode())


def write_sorted(value: Any) -> str:
    """The same text for the same content, whatever the order of its names."""
    return _SORTED.encode(value).decode()


def storable(text: str) -> str:
    """What PostgreSQL can keep of a text: neither NUL nor half of a surrogate pair, which JSON can
    both carry."""
    if text.isprintable():
        return text
    return text.replace("\0", "").encode(errors="ignore").decode()
