"""`comeback segment`: what a store has, kept from files and archived."""

from pathlib import Path
from uuid import UUID

import pytest

from app.inbox.standing import keep_standing
from tests.cli.conftest import Run


@pytest.mark.requirement(42, 103)
def test_segments_are_kept_shown_counted_and_archived(
    run: Run, store_id: UUID, tmp_path: Path
) -> None:
    file, store = tmp_path / "vip.yaml", str(store_id)
    file.write_text("# Often\ncustomer.orders_count: {at_least: 9}\n", encoding="utf-8")

    assert "Reward them" in run("segment", "list", store).stdout, "before anybody has looked"
    kept = run("segment", "set", store, "vip", str(file), "--name", "VIPs")
    keep_standing(store_id)
    listed = run("segment", "list", store).stdout
    shown = run("segment", "show", store, "vip")
    archived = run("segment", "archive", store, "vip")

    assert kept.exit_code == archived.exit_code == 0
    assert shown.stdout == "# Often\ncustomer.orders_count: {at_least: 9}\n"
    (champions,) = [line for line in listed.splitlines() if line.split()[:1] == ["champions"]]
    assert "Reward them" in champions
    assert "vip" not in run("segment", "list", store).stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"customer.orders: {is: 1}", "condition.customer.orders: line 1: there is no fact"),
        (b"\xff", "is not text in UTF-8"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(
    run: Run, store_id: UUID, tmp_path: Path, text: bytes, said: str
) -> None:
    file = tmp_path / "vip.yaml"
    file.write_bytes(text)

    refused = run("segment", "set", str(store_id), "vip", str(file))

    assert refused.exit_code == 1 and said in refused.stderr
    assert "no file" in run("segment", "set", str(store_id), "vip", str(tmp_path / "no")).stderr
    misnamed = run("segment", "set", str(store_id), "Our VIPs", str(file))
    assert misnamed.stderr.startswith("Error: SLUG: write 1 to 60 small letters"), misnamed.stderr
    assert "no segment 'vip'" in run("segment", "show", str(store_id), "vip").stderr
