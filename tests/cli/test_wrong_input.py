"""Whatever is typed or set wrongly: one sentence that names the field and the way out."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import update

from app.cli import comeback
from app.commands.terminal import plain
from app.models import Customer, FlowVersion, Store, StoreStatus
from app.sandbox.klaviyo import Account
from app.tenancy import store_transaction
from tests.cli.conftest import KLAVIYO_KEY, Run, count
from tests.conftest import Machine, MakeStore

ROOT = Path(__file__).parents[2]
ORDERS = "order_id,placed_at,email,title,line_total\nA,2026-01-31 10:00,ana@example.com,Tea,3.00\n"


def sentence(run: Run, *words: str) -> str:
    """What a refused command says: one line, and exit code 1."""
    result = run(*words)

    assert result.exit_code == 1, result.output
    assert len(result.stderr.splitlines()) == 1, result.stderr
    return result.stderr.removeprefix("Error: ").strip()


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS)
    return file


@pytest.fixture
def gone(make_store: MakeStore) -> UUID:
    """A store that has left and was erased."""
    store_id = make_store(domain="gone.myshopify.com")
    with store_transaction(store_id) as session:
        session.execute(update(Store).values(status=StoreStatus.ERASED))
    return store_id


def test_nothing_is_kept_for_a_store_that_was_erased(run: Run, gone: UUID, orders: Path) -> None:
    told = "STORE: gone.myshopify.com has left and was erased; `comeback store connect` first"

    assert sentence(run, "flow", "import", str(gone), "welcome") == told
    assert sentence(run, "import", "--store", str(gone), "--yes", str(orders)) == told
    assert sentence(run, "store", "backfill", str(gone)) == told
    assert count(FlowVersion) == count(Customer) == 0
    assert "erased" in run("store", "show", str(gone)).stdout


def test_no_link_is_made_to_the_pages_of_a_store_that_has_left(
    run: Run, make_store: MakeStore
) -> None:
    store_id = make_store(domain="left.myshopify.com")
    with store_transaction(store_id) as session:
        left = {"status": StoreStatus.UNINSTALLED, "uninstalled_at": datetime.now(UTC)}
        session.execute(update(Store).values(**left))

    assert "STORE: left.myshopify.com has left" in sentence(run, "store", "open", str(store_id))


def test_a_file_that_is_no_text_is_named_and_not_imported(
    run: Run, store_id: UUID, tmp_path: Path, orders: Path
) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_bytes(b"\xff\xfe\x00")
    words = ("import", "--store", str(store_id), "--yes")

    assert "odd.csv: is not text in utf-16: save it" in sentence(run, *words, str(odd))
    mapped = sentence(run, *words, "--mapping", str(odd), str(orders))
    assert mapped == f"--mapping: {odd} is not text in UTF-8"
    assert count(Customer) == 0


def test_a_file_that_stops_being_text_is_reported_from_that_line_on(
    run: Run, store_id: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "half.csv"
    file.write_bytes(ORDERS.encode("utf-16") + b"\x00")

    result = run("import", "--store", str(store_id), "--yes", str(file))

    assert (result.exit_code, count(Customer)) == (3, 1)
    report = (tmp_path / "half-problems.csv").read_text("utf-8-sig")
    assert "from line 3 on the file is not text in utf-16" in report


def test_a_report_that_cannot_be_written_is_told_before_anything_is_read(
    run: Run, store_id: UUID, tmp_path: Path, orders: Path
) -> None:
    nowhere = tmp_path / "none" / "report.csv"

    told = sentence(
        run, "import", "--store", str(store_id), "--yes", "--report", str(nowhere), str(orders)
    )

    assert told == f"--report: nothing can be written into the folder {nowhere.parent}"
    assert count(Customer) == 0


def test_one_thing_is_not_spoken_of_as_many(run: Run, store_id: UUID, orders: Path) -> None:
    imported = run("import", "--store", str(store_id), "--yes", str(orders)).stdout
    person = run("why", str(store_id), "ana@example.com").stdout

    assert "1 row, 1 order: 1 new" in imported
    assert "ana@example.com), 1 order, " in person


def test_a_price_is_shown_as_its_reader_writes_it() -> None:
    assert plain("9,90\u00a0€, 1\u202f200") == "9,90\u00a0€, 1\u202f200"
    assert plain("\x1b[31m\u202ered") == "\ufffd[31m\ufffdred"


def test_the_mistakes_of_a_flow_that_is_imported_are_told_as_when_it_is_checked(
    run: Run, store_id: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("flow: x\nname: {en: A}\nlanguages: [en]\n")

    checked, imported = (
        run("flow", "validate", str(file)),
        run("flow", "import", str(store_id), str(file)),
    )

    assert (checked.exit_code, imported.exit_code) == (1, 1)
    assert imported.stderr == checked.stderr
    assert f"{file}, line 1, flow: `steps` is missing" in imported.stderr


def test_a_webhook_that_does_not_exist_is_not_silently_replayed(run: Run, store_id: UUID) -> None:
    told = sentence(run, "webhooks", "replay", str(store_id), "--id", str(store_id))

    assert told.startswith("--id: ")
    assert told.endswith(" has no such webhook; see `comeback webhooks failed`")


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("31/12/2025", "give a day such as 2026-03-31"),
        ("2026-02-30", "give a day such as 2026-03-31"),
        ("9999-12-31", "9999-12-31 is yet to come"),
    ],
)
def test_a_day_that_is_none_or_yet_to_come_is_told(
    run: Run, store_id: UUID, day: str, told: str
) -> None:
    words = ("science", "report", "--store", str(store_id), "--until", day)

    assert sentence(run, *words) == f"--until: {told}"


def test_where_there_is_no_flow_yet_that_is_said_and_no_empty_table(
    run: Run, store_id: UUID
) -> None:
    lift = run("science", "lift", "--store", str(store_id))
    variants = run("science", "variants", "--store", str(store_id))

    assert lift.output.startswith("No flow yet.") and len(lift.output.splitlines()) == 1
    assert variants.output.startswith("Nothing is compared yet")


def test_an_address_for_first_events_that_is_none_makes_nothing(
    run: Run, store_id: UUID, account: Account
) -> None:
    run("channel", "connect", "klaviyo", str(store_id), "--private-key", KLAVIYO_KEY)
    run("flow", "import", str(store_id), "welcome")

    words = ("channel", "setup", "klaviyo", str(store_id), "--yes", "--address", "not one")
    result = run(*words)

    assert result.exit_code == 1
    assert "--address: “not one” is no e-mail address" in result.stderr
    assert (list(account.flows), list(account.templates)) == ([], [])


SETTINGS = [
    ("REDIS_URL", "nonsense", "REDIS_URL: give redis://"),
    ("CLOCK", "tomorrow", "CLOCK: “tomorrow” is not <start>@<epoch seconds>x<speed>."),
    ("LOG_LEVEL", "LOUD", "LOG_LEVEL: choose DEBUG, INFO, WARNING or ERROR"),
    ("PUBLIC_URL", "nonsense", "PUBLIC_URL: give an address such as https://"),
    ("PORT", "99999", "PORT: "),
    ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES: "),
    ("SWEEP_SECONDS", "0", "SWEEP_SECONDS: "),
    ("DATABASE_URL", "postgresql://a@127.0.0.1:9/x", "The database cannot answer: "),
]


@pytest.mark.parametrize(("name", "value", "told"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_that_cannot_be_is_named_in_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)

    assert told in sentence(run, "store", "list")


def test_an_owner_without_the_rights_of_one_is_told_which(
    run: Run, database: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", database.app_url)

    told = sentence(run, "migrate")

    assert told.startswith("DATABASE_OWNER_URL: its role may not do this (permission denied")
    assert told.endswith("WITH ADMIN OPTION if somebody else made that.")


@pytest.mark.parametrize("place", ["file", "file/inside"])
def test_a_data_folder_that_cannot_be_made_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / place))
    monkeypatch.setenv("SECRET_KEYS", "")

    assert f"DATA_DIR: {tmp_path / place} cannot be made" in sentence(run, "store", "list")


def test_a_port_that_is_taken_is_told_before_anything_starts(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))

        told = sentence(run, "run")

    assert told.startswith(f"PORT: nothing can listen on 127.0.0.1:{port} (")


@pytest.mark.parametrize(
    "words",
    [
        *(("run", "--workers", "0"), ("demo", "--once", "--days", "0"), ("demo", "--speed", "-1")),
        *(("demo", "--people", "0"), ("flow", "export", "s", "x", "--version", "0")),
    ],
    ids=" ".join,
)
def test_a_number_that_means_nothing_ends_with_2(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(comeback, words)

    assert result.exit_code == 2
    assert f"Invalid value for '{words[-2]}'" in result.stderr


def test_a_question_nobody_answers_leaves_the_sentence_on_a_line_of_its_own(
    database: Machine, store_id: UUID
) -> None:
    given = {"DATABASE_URL": database.app_url, "DATABASE_OWNER_URL": database.owner_url}
    words = [sys.executable, "-m", "app.cli", "store", "disconnect", str(store_id)]

    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, **given, "REDIS_URL": database.redis_url},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("Error: Nothing was changed.")


def short_helps(command: click.Command, path: str = "comeback") -> Iterator[tuple[str, str]]:
    """Every line by which a group tells of one of its commands."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield f"{path} {name}", inner.get_short_help_str(62)
            yield from short_helps(inner, f"{path} {name}")


@pytest.mark.parametrize(("name", "line"), [*short_helps(comeback)])
def test_a_command_is_told_of_in_a_whole_sentence(name: str, line: str) -> None:
    assert line.endswith("."), name
    assert not line.endswith("..."), name
