"""How many signed webhooks a second are kept: ours, its peers, and the floor of bare inserts."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from redis import Redis

from app import jobs
from tests.benchmarks.contenders import (
    Contender,
    express,
    flask_rq,
    is_express_installed,
    ours,
)
from tests.benchmarks.deliveries import Door
from tests.benchmarks.ground import NOON, WEBHOOK_SECRET, Ground, domain_of, new_store
from tests.benchmarks.measure import Figure, Sizes, run_module


@dataclass
class Entry:
    """One contender with the stores it gets webhooks of, and what was measured of it."""

    contender: Contender
    doors: list[Door]
    figures: tuple[Figure, Figure, Figure] = field(init=False)

    def __post_init__(self) -> None:
        name = f"intake: {self.contender.name}"
        self.figures = (
            Figure(name, "webhooks/s"),
            Figure(f"{name}, p50", "ms"),
            Figure(f"{name}, p99", "ms"),
        )


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """All contenders in turn, round by round."""
    floor = Figure("intake: floor, one insert and one commit for each", "rows/s")
    bare = {"url": here.config.database_url, "store_id": str(new_store(here.config, presets=False))}
    with _append_only(jobs.redis()), ExitStack() as stack:
        entries = _entries(here, stack)
        # One round proves what a tiny run is for; more begin with one for warming up.
        for number in range(-1 if sizes.rounds > 1 else 0, sizes.rounds):
            wish = _wish(sizes, number)
            for place, entry in enumerate(entries):
                # Whoever comes twice in a round must not meet the bodies of its first turn.
                answer = _round(entry, wish | {"seed": 100 * wish["seed"] + place})
                if number >= 0:
                    _note(entry, answer)
            if number >= 0:
                floor.rounds.append(run_module("floor", wish | bare)["per_second"])
    return [*(figure for entry in entries for figure in entry.figures), floor]


def _entries(here: Ground, stack: ExitStack) -> list[Entry]:
    shopify, woo = _doors(here)
    app = stack.enter_context(ours(here))
    entries = [
        Entry(replace(app, name=f"{app.name}, Shopify and WooCommerce"), [*shopify, *woo]),
        Entry(app, shopify),
    ]
    peers = [stack.enter_context(flask_rq(here))]
    if is_express_installed():
        peers.append(stack.enter_context(express(here)))
    for peer in peers:
        entries += [
            Entry(replace(peer, name=f"{peer.name} (appendfsync {when})", fsync=when), shopify)
            for when in ("everysec", "always")
        ]
    return entries


def _doors(here: Ground) -> tuple[list[Door], list[Door]]:
    """Two stores of each platform."""

    def stores(platform: str) -> list[UUID]:
        return [new_store(here.config, presets=False, platform=platform) for _ in range(2)]

    def door(platform: str, name: str, secret: str | None) -> Door:
        return {"platform": platform, "name": name, "secret": secret}

    secret = here.config.shopify_api_secret
    shopify = [door("shopify", domain_of(each), secret) for each in stores("shopify")]
    woo = [door("woocommerce", str(each), WEBHOOK_SECRET) for each in stores("woocommerce")]
    return shopify, woo


def _wish(sizes: Sizes, number: int) -> dict[str, Any]:
    count = sizes.intake if number >= 0 else max(100, sizes.intake // 4)
    wish = {"connections": sizes.connections, "count": count, "at": NOON.isoformat()}
    return wish | {"seed": 10 + number}


def _round(entry: Entry, wish: dict[str, Any]) -> dict[str, Any]:
    """One round, and proof that all of it was taken and a repeat only once."""
    contender = entry.contender
    jobs.redis().config_set("appendfsync", contender.fsync)
    before = contender.kept()
    answer = run_module("load", wish | {"port": contender.port, "doors": entry.doors})
    if answer["statuses"] != {"200": wish["count"]}:
        raise RuntimeError(f"{contender.name} did not take all: {answer['statuses']}")
    if contender.kept() - before != answer["distinct"]:
        raise RuntimeError(f"{contender.name} did not keep each webhook once.")
    return answer


def _note(entry: Entry, answer: dict[str, Any]) -> None:
    for figure, name in zip(entry.figures, ("per_second", "p50_ms", "p99_ms"), strict=True):
        figure.rounds.append(answer[name])


@contextmanager
def _append_only(valkey: Redis) -> Iterator[None]:
    """Valkey as the authors of BullMQ advise for production; it counts for all contenders."""
    valkey.config_set("appendonly", "yes")
    try:
        yield
    finally:
        valkey.config_set("appendonly", "no")
