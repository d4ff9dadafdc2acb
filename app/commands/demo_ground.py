"""The ground under both demos: a data folder of their own, settings, the clock."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.commands.demo_world import World
from app.config import read_config

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday; the clocks change four weeks later."""


@contextmanager
def fresh_folder(name: str) -> Iterator[Path]:
    """An empty data folder beside the real one, of this process alone, gone at the end."""
    home = read_config().data_dir
    _clear_away_dead(home, name)
    folder = home / f"{name}-{os.getpid()}"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_away_dead(home: Path, name: str) -> None:
    """What demos that were killed have left; one that runs keeps its own."""
    for left in home.glob(f"{name}-*"):
        number = left.name.rpartition("-")[2]
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(left, ignore_errors=True)


def environment(world: World, folder: Path, port: int) -> dict[str, str]:
    """Settings that make the app use the demo's folder and speak with the demo's world only."""
    return {
        **world.settings(f"http://127.0.0.1:{port}"),
        "DATABASE_URL": "",
        "DATABASE_OWNER_URL": "",
        "REDIS_URL": "",
        "SECRET_KEYS": "",
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "TRUSTED_PROXIES": "0",
        "LOG_LEVEL": "ERROR",
    }
