"""What a scene and the processes that die in it share: the time, which only the scene moves, and
who died where."""

import os
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.points import Point

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Book:
    """A folder with two files."""

    def __init__(self, folder: Path) -> None:
        self._time = os.open(folder / "time", os.O_RDWR | os.O_CREAT)
        self._struck = folder / "struck"

    def now(self) -> datetime:
        passed: int = struct.unpack("<q", os.pread(self._time, 8, 0))[0]
        return _EPOCH + passed * _MICROSECOND

    def turn_to(self, moment: datetime) -> None:
        # Eight bytes at once: nobody reads half a moment.
        os.pwrite(self._time, struct.pack("<q", (moment - _EPOCH) // _MICROSECOND), 0)

    def note(self, name: str, point: Point) -> None:
        with open(self._struck, "a", encoding="ascii") as struck:
            struck.write(f"{name} {point.name}\n")

    def struck(self) -> Sequence[tuple[str, Point]]:
        """Everybody who died, in their order."""
        if not self._struck.exists():
            return []
        lines = self._struck.read_text(encoding="ascii").split("\n")[:-1]
        return [(line.split()[0], Point[line.split()[1]]) for line in lines]
