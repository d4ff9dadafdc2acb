"""A merchant writes a segment and sees whom it means while they write."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect

from app import clock, segments
from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from app.models import SegmentDay
from app.tenancy import store_transaction
from tests.browser.conftest import OpenPage
from tests.browser.crowd import gather


@pytest.fixture
def store(store_id: UUID) -> UUID:
    """Counted today, and every day of the last two months for one segment."""
    gather(store_id)
    keep_rhythm(store_id)
    keep_standing(store_id)
    with store_transaction(store_id) as session:
        shown = segments.get_segment(session, "prospects")
        session.add_all(
            SegmentDay(
                store_id=store_id,
                segment_id=shown.segment_id,
                day=(clock.now() - timedelta(days=days)).date(),
                people=40 - days // 2 + days % 5,
                mean_spent_minor=1_250 + days,
                at_risk=days // 6,
            )
            for days in range(1, 60)
        )
    return store_id


@pytest.mark.requirement(41, 42, 103)
def test_a_segment_is_written_looked_at_and_kept(
    store: UUID, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(store)
    page.goto("/segments")
    page.screenshot(path=tmp_path / "list.png", full_page=True)
    row = page.get_by_role("row").filter(has_text="Prospects")
    expect(row).to_contain_text("Welcome them with something useful.")
    expect(row).to_contain_text("shrinking")

    page.get_by_role("link", name="New segment").click()
    page.get_by_label("Name").fill("Everybody Italian")
    condition = page.get_by_label("Condition")
    condition.fill("customer.contry: {is: IT}")
    expect(page.locator("#preview")).to_contain_text("did you mean 'customer.country'?")
    page.screenshot(path=tmp_path / "wrong.png", full_page=True)
    condition.fill("customer.orders_count: {at_least: 0}")
    expect(page.locator("#preview")).to_contain_text("Ana Rossi")
    page.screenshot(path=tmp_path / "preview.png", full_page=True)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Everybody Italian")).to_be_visible()
    expect(page.get_by_role("link", name="Ana Rossi")).to_be_visible()


def test_the_days_of_a_segment_are_a_line_and_a_table(
    store: UUID, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(store)
    page.goto("/segments/prospects")

    expect(page.get_by_role("img", name="People: from 15 to 1;")).to_be_visible()
    page.screenshot(path=tmp_path / "one.png", full_page=True)
    page.get_by_text("As a table").click()
    expect(page.get_by_role("row")).to_have_count(61)
