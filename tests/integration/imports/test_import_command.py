"""`comeback import` as a merchant types it."""

import csv
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from app.cli import comeback
from app.config import Config
from tests.conftest import Machine
from tests.integration.imports.history import PAYLOADS, state

Typed = Callable[..., Result]


@pytest.fixture
def typed(
    database: Machine, config: Config, store_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> Typed:
    settings = {
        "DATABASE_URL": database.app_url,
        "DATABASE_OWNER_URL": database.owner_url,
        "REDIS_URL": database.redis_url,
        "SECRET_KEYS": config.secret_keys,
        "LOG_LEVEL": "ERROR",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def run(*words: object, answer: str = "") -> Result:
        line = ["import", "--store", str(store_id), *map(str, words)]
        return CliRunner().invoke(comeback, line, input=answer)

    return run


def test_the_columns_are_shown_and_nothing_is_imported_without_a_yes(
    typed: Typed, store_id: UUID
) -> None:
    result = typed(PAYLOADS / "shopify_orders.csv", answer="n\n")

    assert result.exit_code == 1
    assert "is read as Shopify's order export" in result.output
    assert "Lineitem quantity" in result.output
    assert state(store_id)["orders"] == []


def test_to_look_imports_nothing(typed: Typed, store_id: UUID) -> None:
    result = typed("--look", PAYLOADS / "plain_italian.csv")

    assert result.exit_code == 0
    assert "Codice prodotto" in result.output
    assert state(store_id)["orders"] == []


def test_an_import_without_problems_ends_with_zero_and_no_report(
    typed: Typed, store_id: UUID, tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"

    result = typed("--yes", "--report", report, PAYLOADS / "shopify_orders.csv")

    assert result.exit_code == 0, result.output
    assert "4 rows, 3 orders: 3 new, 0 changed, 0 known already." in result.output
    assert not report.exists()
    assert len(state(store_id)["orders"]) == 3


def test_every_refused_row_is_in_the_report_and_the_exit_code_tells(
    typed: Typed, store_id: UUID, tmp_path: Path
) -> None:
    report = tmp_path / "report.csv"

    result = typed("--yes", "--report", report, PAYLOADS / "plain_broken.csv")

    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert result.exit_code == 3
    assert len(rows) == 12
    assert rows[0] == {
        "file": str(PAYLOADS / "plain_broken.csv"),
        "line": "3",
        "column": "placed_at",
        "value": "2026-13-45",
        "problem": "is not a date",
        "fix": "write it as 2026-03-31 18:05:00",
    }
    assert len(state(store_id)["orders"]) == 2


def test_a_report_never_holds_a_formula(typed: Typed, tmp_path: Path) -> None:
    path, report = tmp_path / "orders.csv", tmp_path / "report.csv"
    path.write_text("order_id,placed_at,email,order_total\n1,2026-01-05,=HYPERLINK(1),2.50\n")

    typed("--yes", "--report", report, path)

    with report.open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["value"] == "'=HYPERLINK(1)"


def test_files_of_which_nothing_can_be_used_end_with_one(typed: Typed, tmp_path: Path) -> None:
    bad, empty = tmp_path / "bad.csv", tmp_path / "empty.csv"
    bad.write_text("order_id,placed_at,order_total\n1,soon,2.50\n")
    empty.write_text("")

    refused, unreadable = typed("--yes", bad), typed("--yes", empty)

    assert (refused.exit_code, unreadable.exit_code) == (1, 1)
    assert (tmp_path / "bad-problems.csv").exists()
    assert "empty.csv: is empty: export it again" in unreadable.output


def test_a_mapping_file_names_the_columns(typed: Typed, store_id: UUID, tmp_path: Path) -> None:
    path, mapping = tmp_path / "orders.csv", tmp_path / "mapping.yaml"
    path.write_text("K;W;T\n1;05/01/2026;12,50\n")
    mapping.write_text("columns: {order_id: K, placed_at: W, order_total: T}\ndates: day_first\n")

    guessed, told = typed("--yes", path), typed("--yes", "--mapping", mapping, path)

    assert (guessed.exit_code, told.exit_code) == (1, 0)
    assert "no column holds the order's id" in guessed.output
    assert [row["total_minor"] for row in state(store_id)["orders"]] == [1250]
