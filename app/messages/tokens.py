"""What our links carry: short tokens for clicks, signed values for choices and answers.

A token names a store and a row and proves that we made it. It must never carry an address or a
name, and a token made for one purpose must never open another.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app import crypto
from app.config import Config
from app.errors import BadSignature

_CLICK = "comeback.link"
_UNSUBSCRIBE = "comeback.unsubscribe"
_SURVEY = "comeback.survey"
_PROOF_BYTES = 6
"""48 bits: guessing one of a million links takes as many requests as no server answers."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A click: the store by its number, the link by its own."""

    store_number: int
    link_number: int


@dataclass(frozen=True, slots=True)
class MessageToken:
    """A choice or an answer that belongs to one message."""

    store_number: int
    message_id: UUID
    score: int | None = None


def short_token(keys: Sequence[str], store_number: int, link_number: int) -> str:
    """At most 22 characters for any store under two million and any link under 2**42."""
    payload = _varint(store_number) + _varint(link_number)
    return _text(payload + _proof(keys[0], payload))


def resolve(token: str, config: Config) -> Resolved:
    """What a short token names. Raises BadSignature."""
    raw = _bytes(token)
    payload, proof = raw[:-_PROOF_BYTES], raw[-_PROOF_BYTES:]
    if not any(crypto.same(_proof(key, payload), proof) for key in config.keys):
        raise BadSignature("This link is not one of ours.")
    store_number, rest = _read_varint(payload)
    link_number, rest = _read_varint(rest)
    return Resolved(store_number, link_number)


def unsubscribe_token(config: Config, store_number: int, message_id: UUID) -> str:
    return _sign(config, _UNSUBSCRIBE, [store_number, _short(message_id)])


def read_unsubscribe(token: str, config: Config) -> MessageToken:
    """Who asks to be left alone. It never expires: an opt-out must work for ever."""
    number, message = crypto.Signer(config.keys, _UNSUBSCRIBE).read(token)
    return MessageToken(number, _long(message))


def survey_token(config: Config, store_number: int, message_id: UUID, score: int | None) -> str:
    return _sign(config, _SURVEY, [store_number, _short(message_id), score])


def read_survey(token: str, config: Config) -> MessageToken:
    """Whose answer this is, and the score when the link was one of its buttons."""
    number, message, score = crypto.Signer(config.keys, _SURVEY).read(token)
    return MessageToken(number, _long(message), score)


def _sign(config: Config, purpose: str, value: list[object]) -> str:
    return crypto.Signer(config.keys, purpose).sign(value)


def _proof(key: str, payload: bytes) -> bytes:
    derived = hmac.digest(key.encode(), _CLICK.encode(), hashlib.sha256)
    return hmac.digest(derived, payload, hashlib.sha256)[:_PROOF_BYTES]


def _varint(number: int) -> bytes:
    """Seven bits a byte, the high bit says that more follow."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(raw: bytes) -> tuple[int, bytes]:
    number = 0
    for position, byte in enumerate(raw):
        number |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            return number, raw[position + 1 :]
    raise BadSignature("This link is cut short.")


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError as error:
        raise BadSignature("This link is not one of ours.") from error


def _short(message_id: UUID) -> str:
    return _text(message_id.bytes)


def _long(text: str) -> UUID:
    return UUID(bytes=_bytes(text))
