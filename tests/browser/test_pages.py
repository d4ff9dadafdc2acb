"""The pages in a real browser: they work, bring themselves up to date, and fit a phone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app import clock as app_clock
from app.config import Config
from app.messages.tokens import survey_token, unsubscribe_token
from app.models import ConsentEntry, Decision, Flow
from app.sandbox.woocommerce import WooWorld
from app.tenancy import store_transaction
from tests.browser.conftest import OpenPage
from tests.browser.crowd import gather
from tests.conftest import Clock, MakeStore
from tests.web.rows import Filled

_PAGES = (
    "/",
    "/activity",
    "/people",
    "/segments",
    "/segments/new",
    "/flows",
    "/flows/new",
    "/forecasts",
    "/reports/people",
    "/tasks",
    "/channels",
    "/health",
    "/settings",
)


@pytest.fixture
def filled(store_id: UUID) -> Filled:
    return gather(store_id)


def every_page(filled: Filled) -> list[str]:
    return [
        *_PAGES,
        f"/people/{filled.person}",
        f"/messages/{filled.message}",
        f"/segments/{filled.segment}",
        f"/segments/{filled.segment}/edit",
        f"/flows/{filled.slug}",
        f"/flows/{filled.slug}/activate",
    ]


def decide(filled: Filled, reason: str) -> None:
    """One more decision, as a worker would leave it."""
    with store_transaction(filled.store_id) as session:
        last = session.query(Decision).filter_by(customer_id=filled.person).first()
        assert last is not None
        session.add(
            Decision(
                store_id=filled.store_id,
                customer_id=filled.person,
                flow_id=last.flow_id,
                version=1,
                outcome="refused",
                reason=reason,
                compared={},
                decided_at=app_clock.now() + timedelta(minutes=1),
            )
        )


def test_activity_brings_itself_up_to_date(filled: Filled, open_page: OpenPage) -> None:
    page = open_page(filled.store_id)
    page.goto("/activity")
    rows = page.locator("[data-row]")
    count = rows.count()

    decide(filled, "bad_address")

    expect(rows).to_have_count(count + 1, timeout=10_000)
    expect(rows.first).to_contain_text("Ana Rossi")
    expect(rows.first).to_have_class("fresh")


def test_a_choice_of_flow_and_outcome_shows_at_once(filled: Filled, open_page: OpenPage) -> None:
    page = open_page(filled.store_id)
    page.goto("/activity")

    page.get_by_label("Outcome").select_option("ended")

    expect(page).to_have_url(re.compile("outcome=ended"))
    for tag in page.locator(".feed .tag.entered, .feed .tag.refused").all():
        expect(tag).to_be_hidden()
    expect(page.locator(".feed .tag.ended").first).to_be_visible()


def test_a_merchant_reads_why_for_a_person(filled: Filled, open_page: OpenPage) -> None:
    page = open_page(filled.store_id)
    page.get_by_role("link", name="People").click()
    page.get_by_placeholder("Name, e-mail or phone").fill("rossi")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Ana Rossi").click()

    expect(page.get_by_role("heading", name="What happened, and why")).to_be_visible()
    expect(page.locator("#timeline")).to_contain_text("Held back")


def test_a_flow_is_added_looked_at_and_activated(filled: Filled, open_page: OpenPage) -> None:
    page = open_page(filled.store_id)
    page.goto("/flows")
    page.get_by_role("button", name="Add as a draft Welcome").first.click()
    expect(page.locator(".head .tag")).to_have_text("Draft")

    page.get_by_role("link", name="Activate …").click()
    page.get_by_role("button", name="Activate", exact=True).click()

    expect(page.locator(".head .tag")).to_have_text("Active")
    with store_transaction(filled.store_id) as session:
        slugs = session.query(Flow.slug).filter_by(store_id=filled.store_id, status="active")
        assert len(slugs.all()) == 2


def test_a_recipient_leaves_with_one_button(
    filled: Filled, open_page: OpenPage, site: Config
) -> None:
    page = open_page(filled.store_id)
    page.goto(f"/u/{unsubscribe_token(site, filled.number, filled.message)}")

    page.get_by_role("button", name="Annulla la mia iscrizione").click()

    expect(page.get_by_role("heading")).to_have_text("Iscrizione annullata")
    with store_transaction(filled.store_id) as session:
        entry = session.query(ConsentEntry).filter_by(customer_id=filled.person).one()
        assert (entry.channel, entry.state) == ("email", "unsubscribed")


def test_a_page_whose_session_has_ended_says_how_to_come_back(
    filled: Filled, open_page: OpenPage
) -> None:
    page = open_page(filled.store_id)
    page.goto("/activity")

    page.context.clear_cookies()

    expect(page).to_have_url(re.compile("/sign-in$"), timeout=30_000)


def test_a_shop_is_connected_by_two_clicks_and_an_approval(
    open_page: OpenPage, store_id: UUID, woocommerce: WooWorld
) -> None:
    page = open_page(store_id)
    page.goto("/connect/woocommerce")
    page.get_by_label("Shop address").first.fill(woocommerce.url)
    page.get_by_role("button", name="Continue to my shop").click()
    page.get_by_role("link", name="Approve").click()

    expect(page.get_by_role("heading")).to_have_text("Erbe Buone is connected", timeout=20_000)
    page.get_by_role("link", name="Open Comeback").click()
    expect(page.get_by_text(woocommerce.url.partition("//")[2]).first).to_be_visible()


@pytest.fixture
def woocommerce(clock: Clock) -> Iterator[WooWorld]:
    world = WooWorld()
    world.start()
    yield world
    world.stop()


@pytest.mark.parametrize("locale", ["en-GB", "it-IT", "pt-BR", "es-ES"])
def test_the_entries_stand_in_one_line_and_the_keyboard_opens_what_is_beside(
    make_store: MakeStore, open_page: OpenPage, locale: str
) -> None:
    store_id = make_store(name="Erboristeria Santa Maria Novella dal 1612, Firenze")
    page = open_page(store_id, width=1200, locale=locale)

    tops = page.locator(".top nav a, .who").evaluate_all(
        "all => all.map((one) => Math.round(one.getBoundingClientRect().bottom / 20))"
    )
    beside = page.locator(".beside a")
    beside.first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert len(tops) == 8 and max(tops) - min(tops) <= 1
    expect(page).to_have_url(re.compile("/health$"))
    expect(beside.last).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_is_wider_than_the_screen_or_makes_the_browser_complain(
    filled: Filled, open_page: OpenPage, site: Config, width: int, tmp_path: Path
) -> None:
    page = open_page(filled.store_id, width=width)
    complaints = listen(page)
    public = [
        "/sign-in",
        "/connect/woocommerce",
        f"/s/{survey_token(site, filled.number, filled.message, 8)}",
        f"/u/{unsubscribe_token(site, filled.number, filled.message)}",
    ]

    for path in [*every_page(filled), *public]:
        page.goto(path)
        page.screenshot(path=tmp_path / f"{path.strip('/').replace('/', '-')[:40] or 'home'}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path

    assert complaints == []


def listen(page: Page) -> list[str]:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


_CONTRAST = """() => {
  const parse = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = ([r, g, b]) => {
    const f = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
  };
  const back = (el) => {
    for (; el; el = el.parentElement) {
      const c = parse(getComputedStyle(el).backgroundColor);
      if (c.length === 3 || c[3] > 0.99) return c;
    }
    return [255, 255, 255];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !el.checkVisibility()) continue;
    const style = getComputedStyle(el);
    const [a, b] = [lum(parse(style.color)), lum(back(el))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    const text = el.textContent.trim().slice(0, 30);
    if (ratio < (large ? 3 : 4.5)) bad.push(`${text}: ${ratio.toFixed(2)}`);
  }
  return bad;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_enough_to_be_read(
    filled: Filled, open_page: OpenPage, scheme: str
) -> None:
    page = open_page(filled.store_id, scheme=scheme)

    for path in every_page(filled):
        page.goto(path)
        assert page.evaluate(_CONTRAST) == [], path
