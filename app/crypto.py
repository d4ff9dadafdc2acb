"""Sealing credentials and signing links. Keys are derived per purpose, so a signature made for one
door never opens another, and rotated: the first key makes, every key reads."""

import hmac
import time
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadData, URLSafeTimedSerializer

from app.errors import BadSignature, ConfigError


def new_key() -> str:
    """A fresh key for SECRET_KEYS."""
    return Fernet.generate_key().decode()


class Vault:
    """Encrypts what must not be read in a stolen backup. `keys` are newest first."""

    def __init__(self, keys: list[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise ConfigError(
                "SECRET_KEYS holds a key of the wrong shape: make one with `comeback key`."
            ) from error

    def seal(self, plain: str) -> bytes:
        return self._fernet.encrypt(plain.encode())

    def open(self, sealed: bytes) -> str:
        """Raises BadSignature when no current key can read it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise BadSignature(
                "A stored credential was sealed with a key we no longer have."
            ) from error

    def rotate(self, sealed: bytes) -> bytes:
        """The same secret, sealed with the newest key. Raises BadSignature like `open`."""
        return self.seal(self.open(sealed))


class Signer:
    """Signs small JSON values for links and states, one derived key per purpose."""

    def __init__(self, keys: list[str], purpose: str) -> None:
        derived = [hmac.digest(key.encode(), purpose.encode(), "sha256") for key in reversed(keys)]
        self._serializer = URLSafeTimedSerializer(derived, salt=purpose)

    def sign(self, value: Any) -> str:
        """A URL-safe token holding `value`."""
        return self._serializer.dumps(value)

    def read(self, token: str, max_age: float | None = None) -> Any:
        """The value of a token. Raises BadSignature when forged or older than `max_age` seconds."""
        try:
            return self._serializer.loads(token, max_age=None if max_age is None else int(max_age))
        except BadData as error:
            raise BadSignature("This link is not valid any more. Ask for a new one.") from error


def same(left: str | bytes, right: str | bytes) -> bool:
    """Constant-time equality that is False whenever either side is empty."""
    a = left.encode() if isinstance(left, str) else left
    b = right.encode() if isinstance(right, str) else right
    return bool(a) and bool(b) and hmac.compare_digest(a, b)


def fingerprint(key: str, value: str) -> str:
    """A keyed hash of an address, so that an erased person stays recognisable and unreadable. The
    key is the store's lasting one."""
    digest = hmac.digest(key.encode(), value.encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def fresh(timestamp: float, tolerance: float) -> bool:
    """Whether a signed epoch timestamp lies within `tolerance` seconds of the machine's clock."""
    return abs(time.time() - timestamp) <= tolerance
