"""A row that waits for the others of its order."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class StagedRow:
    """What one row said, and where it stands: in which of the files, on which line."""

    file: int
    line: int
    said: Mapping[str, Any]

    @property
    def order(self) -> dict[str, Any]:
        """What the row says of the order as a whole."""
        told: dict[str, Any] = self.said.get("o", {})
        return told


def content_of(said: Mapping[str, Any]) -> str:
    """What a row or a part of it says, as text that is equal for equal rows."""
    return _JSON.encode(said)


def from_content(text: str) -> dict[str, Any]:
    """The inverse of `content_of`."""
    said: dict[str, Any] = json.loads(text)
    return said


def digest_of(text: str) -> bytes:
    """The text by sixteen bytes."""
    return hashlib.sha256(text.encode()).digest()[:16]
