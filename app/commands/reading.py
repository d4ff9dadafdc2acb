"""What a command is given to read: a file, or standard input."""

import sys
from pathlib import Path

from app.errors import InvalidInput

_MOST_BYTES = 1_000_000


def read_text(name: str, thing: str, missing: str = "") -> str:
    """The text of a file that holds a `thing`, or of standard input (`-`). Raises InvalidInput;
    `missing` is what else it says of a file that is not there."""
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except FileNotFoundError as error:
        raise InvalidInput("FILE", f"there is no file {name}{missing}") from error
    except OSError as error:
        raise InvalidInput("FILE", f"{name} cannot be read: {error.strerror}") from error
    if len(raw) > _MOST_BYTES:
        raise InvalidInput("FILE", f"{name} is larger than a {thing} can be (1 MB)")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("FILE", f"{name} is not text in UTF-8") from error
