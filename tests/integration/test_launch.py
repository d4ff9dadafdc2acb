"""A machine that has nothing: servers from their wheels, a schema, an ordinary role."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from app import embedded
from app.db import driver_url
from app.errors import ConfigError
from app.launch import machine
from tests.conftest import Machine


@pytest.fixture(autouse=True)
def _own_environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.requirement(129)
def test_a_bare_machine_gets_its_servers_and_they_stop_with_the_program() -> None:
    folder = embedded.temporary_folder()
    with machine({"DATA_DIR": str(folder), "DATABASE_URL": "", "REDIS_URL": ""}) as prepared:
        url = prepared.config.database_url
        assert url and prepared.config.redis_url
        assert url.startswith("postgresql://comeback_app@")
        with create_engine(driver_url(url)).connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM stores")).scalar_one() == 0
            assert connection.execute(text("SHOW server_version")).scalar_one().startswith("18")
        keys = prepared.config.secret_keys

    assert not (folder / "postgres" / "postmaster.pid").exists()
    with machine({"DATA_DIR": str(folder), "DATABASE_URL": "", "REDIS_URL": ""}) as again:
        assert again.config.secret_keys == keys
    embedded.discard(folder)


def test_ctrl_c_of_the_terminal_leaves_the_queue_to_the_workers_that_still_end() -> None:
    folder = embedded.temporary_folder()
    servers = embedded.start(folder, postgres=False)
    queue = Redis.from_url(servers.redis_url)

    os.kill(int(queue.info()["process_id"]), signal.SIGINT)
    threading.Event().wait(0.2)  # It would be gone by then.

    assert queue.ping()
    servers.stop()
    embedded.discard(folder)


def test_a_database_without_its_owner_is_refused_in_a_sentence(
    machine_urls: tuple[str, str, str],
) -> None:
    _, app_url, redis_url = machine_urls
    given = {"DATABASE_URL": app_url, "DATABASE_OWNER_URL": "", "REDIS_URL": redis_url}

    with pytest.raises(ConfigError, match="DATABASE_OWNER_URL"), machine(given):
        raise AssertionError("it must not start")


def test_an_app_role_that_owns_the_tables_is_refused(
    machine_urls: tuple[str, str, str],
) -> None:
    owner_url, _, redis_url = machine_urls
    given = {
        "DATABASE_URL": owner_url,
        "DATABASE_OWNER_URL": owner_url,
        "REDIS_URL": redis_url,
    }

    with pytest.raises(ConfigError, match="ordinary role"), machine(given):
        raise AssertionError("it must not start")


@pytest.fixture
def machine_urls(database: Machine) -> tuple[str, str, str]:
    return database.owner_url, database.app_url, database.redis_url


def test_a_wrong_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="PORT"), machine({"PORT": "many"}):
        raise AssertionError("it must not start")


def test_the_keys_of_an_installation_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    first = embedded.local_keys(tmp_path)

    assert embedded.local_keys(tmp_path) == first
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
