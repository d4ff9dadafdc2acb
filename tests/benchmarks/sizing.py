"""What a store and an order take up: the ticker's look over a fleet of stores, Valkey's memory for
what waits, the database's bytes for an order with all that is kept of it."""

from uuid import UUID

from sqlalchemy import insert, text

from app import jobs
from app.inbox.sweep import due_stores, nudge_all
from app.models import Store, Webhook, WebhookStatus, new_id
from app.tenancy import platform_transaction
from tests.benchmarks.apply import drain, fill
from tests.benchmarks.costs import spent
from tests.benchmarks.ground import NOON, Ground, new_store
from tests.benchmarks.measure import Figure, Sizes

_STATE = """
    SELECT sum(pg_total_relation_size(c.oid))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'webhooks'
"""
"""Without webhooks: a table that has been emptied again has room in it, and its growth says
little."""

_BODY = "SELECT avg(pg_column_size(body)) FROM webhooks WHERE store_id = :store_id"


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """The fleet is kept for all rounds: each store has one webhook that waits."""
    return [*_orders(here, sizes), *_fleet(sizes)]


def _orders(here: Ground, sizes: Sizes) -> list[Figure]:
    state = Figure("sizing: an order with its customer, facts and journeys", "bytes")
    body = Figure("sizing: the body of an order's webhook, as PostgreSQL keeps it", "bytes")
    for number in range(sizes.rounds):
        store_id = new_store(here.config, presets=True)
        before = _asked(_STATE)
        fill([store_id], sizes.apply, 7_000 + number)
        drain(here.config, [store_id])
        state.rounds.append((_asked(_STATE) - before) / sizes.apply)
        body.rounds.append(_asked(_BODY, store_id))
    return [state, body]


def _asked(question: str, store_id: UUID | None = None) -> float:
    with platform_transaction("a benchmark asks what is held") as session:
        return float(session.execute(text(question), {"store_id": store_id}).scalar_one())


def _fleet(sizes: Sizes) -> list[Figure]:
    name = f"sizing: {sizes.fleet:,} stores, each with a webhook that waits"
    look = Figure(f"{name}, found by the ticker", "ms")
    whole = Figure(f"{name}, found and all asked for", "ms")
    memory = Figure(f"{name}, Valkey's memory for each", "bytes")
    _build(sizes.fleet)
    for _ in range(sizes.rounds):
        look.rounds.append(spent(due_stores).clock * 1000)
        jobs.redis().flushdb()
        whole.rounds.append(spent(nudge_all).clock * 1000)
        waiting = jobs.queue("inbox").count
        if waiting < sizes.fleet:
            raise RuntimeError(f"Only {waiting} of {sizes.fleet} stores were asked for.")
        memory.rounds.append(_held() / waiting)
    jobs.redis().flushdb()
    return [look, whole, memory]


def _held() -> int:
    """Valkey's memory for all its keys."""
    with jobs.redis().pipeline(transaction=False) as trip:
        for key in jobs.redis().scan_iter(count=1_000):
            trip.memory_usage(key, samples=0)
        return sum(size or 0 for size in trip.execute())


def _build(count: int) -> None:
    place = {"currency": "EUR", "timezone": "Europe/Rome", "country": "IT", "locale": "it"}
    stores = [
        {"store_id": store_id, "domain": name, "url": f"https://{name}", "name": "Fleet", **place}
        for store_id, name in ((each, f"{each.hex}.myshopify.com") for each in _ids(count))
    ]
    webhooks = [
        {"store_id": store["store_id"], "webhook_id": new_id(), "webhook_key": "one"}
        for store in stores
    ]
    told = {"topic": "orders/create", "body": b"{}", "received_at": NOON}
    told["status"] = WebhookStatus.WAITING
    with platform_transaction("a benchmark makes a fleet") as session:
        session.execute(insert(Store).values(platform="shopify"), stores)
        session.execute(insert(Webhook).values(**told), webhooks)


def _ids(count: int) -> list[UUID]:
    return [new_id() for _ in range(count)]
