"""The machine itself: keys, schema, settings that do not fit together, servers that are down."""

import pytest
from click.testing import CliRunner

from app.cli import comeback
from app.crypto import Vault
from tests.cli.conftest import Run
from tests.conftest import Machine

DOWN = "postgresql://nobody@127.0.0.1:9/none"


def test_a_key_needs_no_server_and_opens_what_it_sealed() -> None:
    result = CliRunner().invoke(comeback, ["key"])

    vault = Vault([result.stdout.strip()])
    assert vault.open(vault.seal("pk_1")) == "pk_1"


def test_migrating_twice_is_safe_and_says_which_database(run: Run) -> None:
    first, second = run("migrate"), run("migrate")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout == "The database of DATABASE_URL is at the newest schema.\n"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PORT": "eighty"}, "These settings are wrong: PORT: "),
        ({"DATABASE_OWNER_URL": ""}, "so set DATABASE_OWNER_URL as well"),
        ({"DATABASE_URL": "mysql://x", "DATABASE_OWNER_URL": "mysql://x"}, "postgresql://"),
        ({"DATABASE_URL": DOWN, "DATABASE_OWNER_URL": DOWN}, "The database cannot answer: "),
        ({"SECRET_KEYS": "short"}, "SECRET_KEYS holds a key of the wrong shape"),
    ],
)
def test_what_is_wrong_with_the_settings_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], sentence: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    result = run("store", "list")

    assert result.exit_code == 1
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 3


def test_an_app_that_owns_its_tables_is_refused(
    run: Run, database: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner_url)

    result = run("store", "list")

    assert result.exit_code == 1
    assert "owner or superuser, whom row-level security does not hold" in result.stderr


def test_a_queue_that_is_down_loses_no_import_of_a_flow(
    run: Run, store_id: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")

    assert run("flow", "import", str(store_id), "welcome").exit_code == 0
    assert "welcome" in run("flow", "list", str(store_id)).stdout
