"""`comeback doctor`: what is broken, since when, what it costs, what to do. Changes nothing."""

from collections.abc import Iterator

import click
from sqlalchemy import select

from app import clock
from app.commands.ready import find_store, ready, short
from app.commands.terminal import counted, say, show_table, warn
from app.inbox.facts import Facts
from app.inbox.findings import OF_EVERY_STORE, Finding, find, find_everywhere
from app.inbox.health import clocks_if_told, read_facts
from app.inbox.pulse import Colour
from app.models import Store, StoreStatus
from app.stores.notices import words
from app.tenancy import platform_transaction, store_transaction


@click.command("doctor", short_help="What is broken, since when, what it costs, what to do.")
@click.argument("name", metavar="[STORE]", required=False)
def doctor(name: str | None) -> None:
    """Look at every connected shop, or at STORE alone, and tell what is broken.

    Ends with exit code 1 when something is red, so that a script can watch it.
    """
    with ready():
        stores = [find_store(name)] if name else _connected()
        if not stores:
            say("No shop is connected yet; `comeback store connect --help` says how.")
        everywhere = _examine_machines()
        examined = [everywhere, *(_examine(store, whole=name is not None) for store in stores)]
    if any(found.colour is Colour.RED for findings in examined for found in findings):
        raise SystemExit(1)


def _connected() -> list[Store]:
    with platform_transaction("list the connected stores for the doctor") as session:
        connected = select(Store).where(Store.status == StoreStatus.ACTIVE)
        return list(session.scalars(connected.order_by(Store.domain)))


def _examine_machines() -> list[Finding]:
    found = find_everywhere(clocks_if_told())
    if found:
        say(f"all stores: {counted(len(found), 'finding')}")
        _tell(found)
    return found


def _tell(findings: list[Finding]) -> None:
    for found in findings:
        for line in _lines(found):
            warn(f"  {line}")


def _examine(store: Store, *, whole: bool) -> list[Finding]:
    if store.status != StoreStatus.ACTIVE:
        say(f"{store.domain}: {store.status}; nothing is done for it")
        return []
    with store_transaction(store.store_id) as session:
        facts = read_facts(session)
    findings = [one for one in find(facts) if one.code not in OF_EVERY_STORE]
    verdict = counted(len(findings), "finding") if findings else "well"
    say(f"{store.domain} ({short(store.store_id)}): {verdict}")
    _tell(findings)
    if whole and facts.pulses:
        _show_topics(facts)
    return findings


def _lines(found: Finding) -> Iterator[str]:
    told = {**found.values, "subject": found.subject}
    yield f"{found.colour.upper()} {found.code}: {words(f'finding_{found.code}', told, 'en')}"
    costs = [
        counted(count, thing)
        for count, thing in (
            (found.messages, "waiting message"),
            (found.webhooks, "webhook"),
            (found.orders, "late order"),
        )
        if count
    ]
    since = [f"since {found.since:%Y-%m-%d %H:%M} UTC"] if found.since else []
    if since or costs:
        yield "  " + "; ".join([*since, *costs])
    yield f"  Do: {words(f'finding_{found.code}_do', told, 'en')}"


def _show_topics(facts: Facts) -> None:
    now = clock.now()
    rows = [
        (
            pulse.topic,
            f"{pulse.last_at:%Y-%m-%d %H:%M}",
            pulse.colour if pulse.amber_at else "learning",
            f"{pulse.amber_at:%Y-%m-%d %H:%M}" if pulse.amber_at and pulse.amber_at > now else "",
            f"{pulse.red_at:%Y-%m-%d %H:%M}" if pulse.red_at and pulse.red_at > now else "",
        )
        for pulse in facts.pulses
    ]
    show_table(("topic", "last heard, UTC", "state", "amber from", "red from"), rows)
