"""`comeback store`: connect, list and show shops, and read their history."""

from functools import partial

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from sqlalchemy import func, select

from app.commands.ready import connections, console, ready, ready_store, short
from app.config import Config
from app.errors import InvalidInput, Unreachable
from app.http import guard_url
from app.inbox.sync import apply_history
from app.models import Customer, Journey, JourneyStatus, Notice, Order, Store, Webhook
from app.platforms import Resource
from app.stores import backfill
from app.stores.credentials import Secret
from app.stores.install import Newcomer, connect
from app.tenancy import platform_transaction, store_transaction


@click.group()
def store() -> None:
    """Connected shops."""


@store.command("connect")
@click.argument("platform", type=click.Choice(["shopify", "woocommerce"]))
@click.argument("address")
@click.option("--token", help="Shopify: the Admin API token of a custom app. Asked for if missing.")
@click.option("--key", help="WooCommerce: the consumer key. Asked for if missing.")
@click.option("--secret", help="WooCommerce: the consumer secret. Asked for if missing.")
@click.option(
    "--webhook-secret", help="Shopify: the custom app's own secret, which signs webhooks."
)
def connect_store(platform: str, address: str, **given: str | None) -> None:
    """Connect the shop at ADDRESS with credentials made in its admin."""
    with ready() as config:
        make = _shopify if platform == "shopify" else _woocommerce
        connected = connect(config, make(config, address, given))
        word = "back" if connected.returned else "connected"
        console.print(f"{address} is {word}: store {connected.store_id}")
        if connected.hooks is not None:
            hooks = connected.hooks
            console.print(
                f"Webhooks: {len(hooks.created)} made, {len(hooks.kept)} kept,"
                f" {len(hooks.repaired)} repaired. Its history is read by `comeback run`, or now"
                f" with `comeback store backfill {short(connected.store_id)}`."
            )


def _shopify(_: Config, address: str, given: dict[str, str | None]) -> Newcomer:
    domain = address.removeprefix("https://").rstrip("/").lower()
    if not domain.endswith(".myshopify.com"):
        raise InvalidInput("address", "give the shop's own domain, such as acme.myshopify.com")
    token = given["token"] or click.prompt("Admin API access token", hide_input=True)
    secret = given["webhook_secret"] or click.prompt("The app's API secret key", hide_input=True)
    return Newcomer(
        platform="shopify",
        domain=domain,
        url=f"https://{domain}",
        secret=Secret(kind="shop", values={"access_token": token}),
        webhook_secret=secret,
    )


def _woocommerce(config: Config, address: str, given: dict[str, str | None]) -> Newcomer:
    url = guard_url(
        address.rstrip("/"), field="address", allow_private=config.allow_private_addresses
    )
    key = given["key"] or click.prompt("Consumer key", hide_input=True)
    secret = given["secret"] or click.prompt("Consumer secret", hide_input=True)
    return Newcomer(
        platform="woocommerce",
        domain=url.partition("://")[2].lower(),
        url=url,
        secret=Secret(kind="shop", values={"consumer_key": key, "consumer_secret": secret}),
    )


@store.command("list")
def list_stores() -> None:
    """Every shop, with its state."""
    with ready(), platform_transaction("list the stores for the operator") as session:
        table = Table("store", "platform", "domain", "status", "currency", "zone", "since")
        for row in session.scalars(select(Store).order_by(Store.installed_at)):
            since = f"{row.installed_at:%Y-%m-%d}"
            cells = (row.platform, row.domain, row.status, row.currency, row.timezone, since)
            table.add_row(short(row.store_id), *cells)
        console.print(table)


@store.command("show")
@click.argument("name")
def show(name: str) -> None:
    """One shop: what is known, what runs, what needs attention."""
    with ready_store(name) as (config, shop), store_transaction(shop.store_id) as session:
        console.print(f"[bold]{shop.name}[/] {shop.domain} ({shop.platform}), {shop.status}")
        for word, model in (("customers", Customer), ("orders", Order), ("webhooks", Webhook)):
            count = session.scalar(select(func.count()).select_from(model))
            console.print(f"  {count} {word}")
        active = select(func.count()).where(Journey.status == JourneyStatus.ACTIVE)
        console.print(f"  {session.scalar(active)} people inside flows")
        names = sorted(connections(config).connected(shop.store_id))
        console.print(f"  channels: {', '.join(names) or 'none connected yet'}")
        for row in backfill.progress(session):
            total = f" of {row.total}" if row.total else ""
            problem = f": {row.error}" if row.error else ""
            console.print(f"  history, {row.resource}: {row.status}, {row.done}{total}{problem}")
        for notice in session.scalars(select(Notice).where(Notice.seen_at.is_(None))):
            console.print(f"  [yellow]{notice.title}[/]")


@store.command("backfill")
@click.argument("name")
@click.option("--again", is_flag=True, help="Begin from the start, even if it had finished.")
def read_history(name: str, again: bool) -> None:
    """Read the shop's history now, with progress. Nobody is messaged because of it."""
    with ready_store(name) as (config, shop):
        with store_transaction(shop.store_id) as session:
            if again or not backfill.progress(session):
                backfill.start(session)
        _read_all(config, shop)


def _read_all(config: Config, shop: Store) -> None:
    api = connections(config).shop(shop.store_id)
    apply = partial(apply_history, keys=config.keys)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        bars = {resource: progress.add_task(resource, total=None) for resource in Resource}
        while True:
            read = backfill.read_next(shop.store_id, api, apply)
            with store_transaction(shop.store_id) as session:
                rows = backfill.progress(session)
            for row in rows:
                progress.update(bars[Resource(row.resource)], completed=row.done, total=row.total)
            if all(row.finished_at for row in rows):
                return
            broken = next((row.error for row in rows if row.error), None)
            if broken and not read:
                raise Unreachable(f"{broken} Run the same command again to continue.")
            if not read:
                backfill.wait_until_due(rows)
