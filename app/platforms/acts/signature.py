"""`Comeback-Signature`, as our own webhook steps carry it: a moment, and the proof of both it and
the body. Whether the moment is near is for the door to say, which has a clock."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from app.crypto import same
from app.errors import BadSignature

HEADER = "comeback-signature"
_FORM = re.compile(r"t=(\d{1,11}),\s*v1=([0-9a-f]{64})", re.ASCII)


def proven_at(given: str, body: bytes, secrets: Sequence[str]) -> datetime:
    """The moment that was signed with the body. Raises BadSignature."""
    found = _FORM.fullmatch(given.strip())
    if found is None:
        raise BadSignature("Comeback-Signature is missing, or is not t=<seconds>,v1=<hex>.")
    seconds, proof = found.groups()
    signed = f"{seconds}.".encode() + body
    if not any(same(_proof(secret, signed), proof) for secret in secrets if secret):
        raise BadSignature("The body is not signed with this store's secret for acts.")
    return datetime.fromtimestamp(int(seconds), UTC)


def _proof(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
