"""`comeback why`, `export` and `erase`: one person's record, handing it over, forgetting them."""

import json
from pathlib import Path

import click
from sqlalchemy.orm import Session

from app import customers
from app.commands.ready import ready_store
from app.commands.terminal import require_yes, say, show_table
from app.commands.timeline import shown, timeline
from app.errors import InvalidInput
from app.inbox.connection_facts import erase_person
from app.models import Customer, Store
from app.money import format_money
from app.stores.lifecycle import this_store
from app.tenancy import store_transaction

LANGUAGES = ("en", "it", "pt-BR", "es")


@click.command()
@click.argument("store")
@click.argument("customer")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Default: the language of the shop.")
def why(store: str, customer: str, lang: str | None) -> None:
    """Everything on record about CUSTOMER of STORE: what happened, what was decided, and why.

    CUSTOMER is an id, an e-mail address or a phone number with its country (+39…).
    """
    with ready_store(store) as (_, shop), store_transaction(shop.store_id) as session:
        person = _find(session, shop, customer)
        language = lang or _language(shop.locale)
        say(_who(person, shop, language))
        for channel, choice in (
            customers.consent_now(session, [person.customer_id]).get(person.customer_id, {}).items()
        ):
            say(f"  {channel}: {choice.state} since {shown(choice.since, shop)} ({choice.source})")
        lines = timeline(session, shop, person, language)
        rows = [(shown(line.at, shop), line.what, line.why) for line in lines]
        show_table(("when", "what", "why"), rows)
        say(f"Times are those of {shop.timezone}.")


@click.command()
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


@click.command()
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
        f"{name or 'Nameless'} ({ways or 'no address'}), {person.orders_count} orders, {spent};"
        f" id {person.customer_id}"
    )


def _language(locale: str) -> str:
    spoken = locale.partition("-")[0]
    return next((known for known in LANGUAGES if known.partition("-")[0] == spoken), "en")
