"""What real processes need: settings that name the tests' own servers."""

from pathlib import Path

import pytest

from app.config import Config
from app.ports import free_port
from tests.conftest import Machine


@pytest.fixture
def settings(config: Config, database: Machine) -> Config:
    port = free_port()
    given = {
        "database_url": database.app_url,
        "redis_url": database.redis_url,
        "port": port,
        "public_url": f"http://127.0.0.1:{port}",
        "trusted_proxies": 0,
        "sweep_seconds": 0.5,
    }
    return config.model_copy(update=given)


@pytest.fixture
def order() -> bytes:
    folder = Path(__file__).parents[2] / "payloads" / "shopify"
    return (folder / "orders_create.json").read_bytes()
