"""`comeback store`: connect, list and show shops, and open their pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.backfilling import backfill_command
from app.commands.disconnecting import disconnect_command
from app.commands.ready import connections, ready, ready_store, short
from app.commands.terminal import ask, say, show_table, warn
from app.config import Config
from app.errors import AccessLost, InvalidInput, Unreachable
from app.flows import signing_secret
from app.models import (
    Customer,
    Journey,
    JourneyStatus,
    Letter,
    Notice,
    Order,
    Store,
    StoreStatus,
    Webhook,
)
from app.platforms.shopify.domains import shop_domain
from app.platforms.woocommerce.site import find_site
from app.stores import backfill
from app.stores.credentials import Secret
from app.stores.install import Connected, Newcomer, connect
from app.stores.lasting import secret_for
from app.stores.letters import notify_address
from app.stores.notices import shown
from app.stores.platforms import ACTS
from app.tenancy import platform_transaction, store_transaction
from app.web.signin import sign_in_link


@click.group()
def store() -> None:
    """Connected shops.

    STORE is any part of the shop's domain, or the beginning of its id.
    """


store.add_command(backfill_command)
store.add_command(disconnect_command)


@store.command("connect", short_help="Connect a shop with credentials made in its admin.")
@click.argument("platform", type=click.Choice(["shopify", "woocommerce"]))
@click.argument("address")
@click.option("--token", help="Shopify: the Admin API token of a custom app. Asked for if missing.")
@click.option("--key", help="WooCommerce: the consumer key. Asked for if missing.")
@click.option("--secret", help="WooCommerce: the consumer secret. Asked for if missing.")
@click.option(
    "--webhook-secret",
    help="Shopify: the custom app's own secret, which signs webhooks. Asked for if missing.",
)
def connect_store(platform: str, address: str, **given: str | None) -> None:
    """Connect the shop at ADDRESS with credentials made in its admin."""
    with ready() as config:
        try:
            newcomer = _NEWCOMERS[platform](config, address, given)
            connected = connect(config, newcomer)
        except AccessLost as error:
            refused = f"{address} refuses these credentials, so nothing was saved: {error}"
            raise AccessLost(refused + _HINTS[platform]) from error
        except Unreachable as error:
            raise Unreachable(
                f"ADDRESS: {address} cannot be reached: {error} Nothing was saved."
            ) from error
        _tell(address, connected)


_HINTS = {
    "shopify": " Without the pages: give the Admin API token of a custom app installed in it.",
    "woocommerce": "",
}


def _tell(address: str, connected: Connected) -> None:
    word = "connected again" if connected.returned else "connected"
    say(f"{address} is {word}: store {connected.store_id}")
    if connected.hooks is not None:
        hooks = connected.hooks
        say(
            f"Webhooks: {len(hooks.created)} made, {len(hooks.kept)} kept,"
            f" {len(hooks.repaired)} repaired."
        )
    say(
        "Its history is read by `comeback run`, or now with"
        f" `comeback store backfill {short(connected.store_id)}`."
    )


def _shopify(_: Config, address: str, given: dict[str, str | None]) -> Newcomer:
    with _named_address():
        domain = shop_domain(address)
    token = given["token"] or ask("Admin API access token", hidden=True)
    secret = given["webhook_secret"] or ask("The app's API secret key", hidden=True)
    return Newcomer(
        platform="shopify",
        domain=domain,
        url=f"https://{domain}",
        secret=Secret(kind="shop", values={"access_token": token}),
        webhook_secret=secret,
    )


def _woocommerce(config: Config, address: str, given: dict[str, str | None]) -> Newcomer:
    # The site itself knows its name: with or without www, and in which folder.
    with _named_address():
        site = find_site(address, allow_private=config.allow_private_addresses)
    key = given["key"] or ask("Consumer key", hidden=True)
    secret = given["secret"] or ask("Consumer secret", hidden=True)
    for name, value, beginning in (("--key", key, "ck_"), ("--secret", secret, "cs_")):
        if not value.startswith(beginning):
            raise InvalidInput(name, f"it begins with {beginning}; see WooCommerce, Advanced, API")
    return Newcomer(
        platform="woocommerce",
        domain=site.url.partition("://")[2].lower(),
        url=site.url,
        secret=Secret(kind="shop", values={"consumer_key": key, "consumer_secret": secret}),
    )


@contextmanager
def _named_address() -> Iterator[None]:
    """Refuse an address under the name that the command gives it."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput("ADDRESS", error.problem) from error


_NEWCOMERS: dict[str, Callable[[Config, str, dict[str, str | None]], Newcomer]] = {
    "shopify": _shopify,
    "woocommerce": _woocommerce,
}


@store.command("list")
def list_stores() -> None:
    """Every shop, with its state."""
    with ready():
        with platform_transaction("list the stores for the operator") as session:
            stores = list(session.scalars(select(Store).order_by(Store.installed_at)))
        if not stores:
            say("No shop is connected yet; `comeback store connect --help` says how.")
            return
        rows = [
            (
                short(row.store_id),
                row.platform,
                row.domain,
                row.status,
                row.currency,
                row.timezone,
                f"{row.installed_at:%Y-%m-%d}",
            )
            for row in stores
        ]
        show_table(("store", "platform", "domain", "status", "currency", "zone", "since"), rows)


@store.command("show")
@click.argument("name", metavar="STORE")
def show(name: str) -> None:
    """One shop: what is known, what runs, what needs attention."""
    with ready_store(name, erased=True) as (config, shop):
        names = sorted(connections(config).connected(shop.store_id))
        say(f"{shop.name}, {shop.domain} ({shop.platform}), {shop.status}")
        say(f"  store: {shop.store_id}")
        say(f"  channels: {', '.join(names) or 'none connected yet'}")
        say(f"  signs webhook steps with: {signing_secret(config.keys, shop.store_id)}")
        say(f"  takes acts signed with: {secret_for(config.keys, shop.store_id, ACTS.name)}")
        with store_transaction(shop.store_id) as session:
            _show_figures(session, shop)
            _show_history(session)
            say(f"  notices go to: {_place_of_notices(session, shop, config)}")
            _show_notices(session, shop)


@store.command("open", short_help="Print a link that signs in to the store's pages.")
@click.argument("name", metavar="STORE")
def open_pages(name: str) -> None:
    """Print a link to the store's pages: it signs one browser in, once, within 15 minutes."""
    with ready_store(name) as (config, shop):
        if shop.status != StoreStatus.ACTIVE:
            raise InvalidInput(
                "STORE", f"{shop.domain} has left; its pages open when it is connected again"
            )
        say(sign_in_link(config, shop.store_id))


def _show_figures(session: Session, shop: Store) -> None:
    for word, model in (("customers", Customer), ("orders", Order), ("webhooks", Webhook)):
        mine = select(func.count()).select_from(model).where(model.store_id == shop.store_id)
        say(f"  {word}: {session.scalar(mine)}")
    inside = select(func.count()).where(
        Journey.store_id == shop.store_id, Journey.status == JourneyStatus.ACTIVE
    )
    say(f"  inside flows: {session.scalar(inside)}")


def _show_history(session: Session) -> None:
    for row in backfill.progress(session):
        total = f" of {row.total}" if row.total else ""
        problem = f": {row.error}" if row.error else ""
        say(f"  history, {row.resource}: {row.status}, {row.done}{total}{problem}")


def _place_of_notices(session: Session, shop: Store, config: Config) -> str:
    """Where the merchant reads them, and what stands in the way of the last e-mail."""
    address = notify_address(shop)
    if not config.smtp_url:
        return "the first page only, because SMTP_URL is not set"
    if address is None:
        return "the first page only, because no address is set under Settings"
    last = session.scalars(
        select(Letter)
        .where(Letter.store_id == shop.store_id)
        .order_by(Letter.letter_id.desc())
        .limit(1)
    ).one_or_none()
    problem = f" (the last one did not arrive: {last.error})" if last and last.error else ""
    return f"the first page and {address}, from {config.mail_from}{problem}"


def _show_notices(session: Session, shop: Store) -> None:
    unseen = select(Notice).where(Notice.store_id == shop.store_id, Notice.seen_at.is_(None))
    for notice in session.scalars(unseen.order_by(Notice.created_at)):
        warn(f"  {shown(notice, shop.locale)}")
        if notice.kind == "data_request":
            warn(f"    comeback export {short(shop.store_id)} {notice.customer_id} FILE")
