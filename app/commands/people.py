"""`comeback why`, `export` and `erase`: one person's record, handing it over, forgetting them."""

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import customers
from app.commands.ready import ready_store, short
from app.commands.terminal import counted, require_yes, say, show_table
from app.errors import InvalidInput
from app.inbox.connection_facts import erase_person
from app.languages import LANGUAGES, language_of
from app.models import Customer, Flow, Store
from app.money import format_money
from app.stores.lifecycle import this_store
from app.tenancy import store_transaction
from app.web.telling import Reader, tell


@click.command(short_help="What is on record about a person, with the reason of every decision.")
@click.argument("store")
@click.argument("customer")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Default: the language of the shop.")
@click.option("--before", metavar="PLACE", help="Go on to what is older, from where it ended.")
def why(store: str, customer: str, lang: str | None, before: str | None) -> None:
    """What is on record about CUSTOMER of STORE: what happened, what was decided, and why.

    CUSTOMER is an id, an e-mail address or a phone number with its country (+39…). The newest
    entries are shown, the oldest of them first.
    """
    place = customers.Place.read(before) if before else None
    with ready_store(store) as (_, shop), store_transaction(shop.store_id) as session:
        person = _find(session, shop, customer)
        language = lang or language_of(shop.locale)
        say(_who(person, shop, language))
        consent = customers.consent_now(session, [person.customer_id])[person.customer_id]
        for channel, choice in consent.items():
            say(f"  {channel}: {choice.state} since {_when(choice.since, shop)} ({choice.source})")
        found = customers.timeline(session, person.customer_id, place)
        reader = Reader(language, shop, _slugs(session, shop))
        rows = [_row(entry, reader) for entry in reversed(found.entries)]
        show_table(("when", "what", "why"), rows)
        say(f"Times are those of {shop.timezone}.")
        if found.older:
            again = f"comeback why {short(shop.store_id)} {person.customer_id}"
            say(f"There is more: {again} --before {found.older}")


@click.command(short_help="Everything held about a person, to hand to them.")
@click.argument("store")
@click.argument("customer")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def export(store: str, customer: str, file: Path | None) -> None:
    """Everything held about CUSTOMER of STORE, as JSON into FILE or on the screen, to hand to them.

    CUSTOMER is an id, an e-mail address or a phone number with its country (+39…).
    """
    with ready_store(store) as (_, shop), store_transaction(shop.store_id) as session:
        content = customers.export_customer(session, _find(session, shop, customer))
    text = json.dumps(content, indent=2, ensure_ascii=False, default=str)
    if file is None:
        say(text)
        return
    try:
        file.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInput("FILE", f"{file} cannot be written: {error.strerror}") from error
    say(f"Written to {file}.")


@click.command(short_help="Forget a person, here and at the providers.")
@click.argument("store")
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Agree beforehand.")
def erase(store: str, customer: str, yes: bool) -> None:
    """Forget CUSTOMER of STORE, here and at the providers. This cannot be undone.

    CUSTOMER is an id, an e-mail address or a phone number with its country (+39…).
    """
    with ready_store(store) as (config, shop):
        with store_transaction(shop.store_id) as session:
            found = _find(session, shop, customer)
        if found.erased_at is not None:
            raise InvalidInput("CUSTOMER", f"{customer} is forgotten already")
        require_yes(f"{_who(found, shop, 'en')}\nForget this person for good?", yes)
        with store_transaction(shop.store_id) as session:
            person = _find(session, shop, str(found.customer_id))
            erase_person(session, this_store(session), person, config)
        say("Forgotten here. The providers are asked to forget as well by the next worker.")


def _find(session: Session, shop: Store, text: str) -> Customer:
    person = customers.find_customer(session, text.strip())
    if person is None:
        raise InvalidInput(
            "CUSTOMER",
            f"{shop.domain} knows nobody as “{text}”; give an id, an e-mail address, or a phone"
            " number with its country, such as +393331234567",
        )
    return person


def _who(person: Customer, shop: Store, language: str) -> str:
    name = " ".join(part for part in (person.first_name, person.last_name) if part)
    ways = ", ".join(part for part in (person.email, person.phone) if part)
    spent = format_money(person.spent_minor, shop.currency, language)
    return (
        f"{name or 'Nameless'} ({ways or 'no address'}),"
        f" {counted(person.orders_count, 'order')}, {spent}; id {person.customer_id}"
    )


def _row(entry: customers.Entry, reader: Reader) -> tuple[str, str, str]:
    told = tell(entry, reader)
    what = f"{told.title}: {told.state}" if told.state else told.title
    said_by = f"({told.source})" if told.source else ""
    return _when(entry.at, reader.store), what, f"{told.detail} {said_by}".strip()


def _slugs(session: Session, shop: Store) -> dict[UUID, str]:
    """What flows are called in files and commands."""
    rows = session.execute(select(Flow.flow_id, Flow.slug).where(Flow.store_id == shop.store_id))
    return {row.flow_id: row.slug for row in rows}


def _when(at: datetime, shop: Store) -> str:
    """A moment as the shop's clocks show it."""
    return f"{at.astimezone(ZoneInfo(shop.timezone)):%Y-%m-%d %H:%M}"
