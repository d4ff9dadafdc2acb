"""How soon a merchant sees each page of a large store, and whether it stands still: the largest
paint and the layout shifts that Chromium itself reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

from flask import Flask, url_for
from playwright.sync_api import Page, sync_playwright

from app.config import Config
from app.factory import create_app, create_doors
from app.serve import in_thread, listen
from app.stores.connections import Connections
from app.web.pages.segments import EVERYBODY
from app.web.places import PLACES
from app.web.signin import sign_in_link
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import Ground, new_store
from tests.benchmarks.measure import LARGE, Figure, Sizes
from tests.benchmarks.past import FLOW, live_through
from tests.browser.chromium import ASSET, launch, window
from workers.jobs import DRAINS

_NIGHT = ("standing", "habits", "forecasts", "lifts", "reports")
_LOOK = """
    () => new Promise(told => {
        let paint = 0, shift = 0
        const watch = (type, note) =>
            new PerformanceObserver(list => list.getEntries().forEach(note))
                .observe({type, buffered: true})
        watch("largest-contentful-paint", entry => paint = entry.startTime)
        watch("layout-shift", entry => { if (!entry.hadRecentInput) shift += entry.value })
        setTimeout(() => told([paint, shift]), 100)
    })
"""


class Seen(NamedTuple):
    """One look at a page: milliseconds to its largest paint, and the sum of its layout shifts."""

    paint: float
    shift: float


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """Each size but the largest in a store of its own, after a night of its workers."""
    assert ASSET.exists(), "run `make .venv/.assets` first"
    figures: list[Figure] = []
    for count in [people for people in sizes.people if people < LARGE]:
        store_id = new_store(here.config, presets=True)
        populate(here.owner_url, store_id, count)
        known = live_through(here.owner_url, store_id, count)
        _night(here.config, store_id)
        with _visit(here.config, store_id, known) as (page, paths):
            figures += _look_around(page, paths, sizes, count)
    return figures


def _night(config: Config, store_id: UUID) -> None:
    connections = Connections(config)
    for duty in _NIGHT:
        while DRAINS[duty](store_id, connections):
            pass


@contextmanager
def _visit(
    config: Config, store_id: UUID, known: tuple[str, str]
) -> Iterator[tuple[Page, dict[str, str]]]:
    """A signed-in window, and the address of every page by what it is called."""
    listening = listen()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = config.model_copy(update={"public_url": address})
    app = create_app(settings)
    with in_thread(create_doors(app, settings), listening), sync_playwright() as playwright:
        browser = launch(playwright)
        page = window(browser, address).new_page()
        page.goto(sign_in_link(settings, store_id))
        yield page, _paths(app, known)
        browser.close()


def _paths(app: Flask, known: tuple[str, str]) -> dict[str, str]:
    """Every page of the navigation, and one of each that leads on from there."""
    with app.test_request_context():
        listed = [url_for(page.endpoint) for place in PLACES for page in place.pages or (place,)]
    return {path: path for path in listed} | {
        "/people?q=": "/people?q=crowd77",
        "/people/<person>": f"/people/{known[0]}",
        "/messages/<message>": f"/messages/{known[1]}",
        "/segments/<segment>": f"/segments/{EVERYBODY}",
        "/segments/new": f"/segments/new?start={EVERYBODY}",
        "/flows/<flow>": f"/flows/{FLOW}",
    }


def _look_around(page: Page, paths: dict[str, str], sizes: Sizes, count: int) -> Iterator[Figure]:
    """Every page in turn, round by round."""
    paints = {name: Figure(f"pages: {name}, {count:,} customers", "ms") for name in paths}
    shifts = Figure(f"pages: layout shift of the worst page, {count:,} customers", "thousandths")
    for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds):
        seen = {name: _look(page, path) for name, path in paths.items()}
        if number >= 0:  # The first is for warming up.
            for name, each in seen.items():
                paints[name].rounds.append(each.paint)
            shifts.rounds.append(1000 * max(each.shift for each in seen.values()))
    yield from (*paints.values(), shifts)


def _look(page: Page, path: str) -> Seen:
    answer = page.goto(path, wait_until="networkidle")
    if answer is None or answer.status != 200:
        raise RuntimeError(f"{path} was not shown.")
    seen = Seen(*page.evaluate(_LOOK))
    if not seen.paint:
        raise RuntimeError(f"{path} painted nothing.")
    return seen
