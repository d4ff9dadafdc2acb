"""Connecting a shop: prove the credentials by a call, then one row, whether new or come back."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.config import Config
from app.crypto import Vault
from app.models import Store, StoreStatus, new_id
from app.platforms import HookReport, Shop, ShopFacts, ShopProfile
from app.points import Point, pass_point
from app.stores import backfill
from app.stores.adapters import open_shop
from app.stores.credentials import Secret, load, save
from app.stores.lasting import give
from app.stores.zones import known_zone, tell_if_unknown
from app.tenancy import platform_transaction, store_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """A shop that gave us credentials. `url` is where its API lives, `domain` names it.

    `webhook_secret` is set where the shop signs with a secret that it chose, not we.
    """

    platform: str
    domain: str
    url: str
    secret: Secret
    webhook_secret: str | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """What a connection led to. `returned`: the store had been here before."""

    store_id: UUID
    returned: bool
    hooks: HookReport | None


def connect(config: Config, newcomer: Newcomer) -> Connected:
    """Connect or reconnect a shop, register its webhooks and begin its backfill.

    Raises AccessLost when the credentials do not work, Unreachable when the shop does not answer;
    nothing is stored in either case.
    """
    shop = open_shop(
        config,
        newcomer.platform,
        newcomer.url,
        ShopFacts(currency="", timezone="UTC", domain=newcomer.domain),
        newcomer.secret.values,
    )
    profile = shop.describe()
    with platform_transaction("install a store") as session:
        store, returned = _upsert(session, newcomer, profile)
        give(store, config.keys)
        vault = Vault(config.keys)
        save(session, vault, store.store_id, newcomer.secret)
        if newcomer.webhook_secret:
            chosen = Secret(kind="webhook", values={"current": newcomer.webhook_secret})
            save(session, vault, store.store_id, chosen)
    # Begun before the webhooks are asked for: if that fails now, the history is read all the same.
    with store_transaction(store.store_id) as session:
        backfill.start(session)
        tell_if_unknown(session, store, profile.timezone)
    hooks = register_webhooks(config, shop, store)
    return Connected(store.store_id, returned, hooks)


def _upsert(session: Session, newcomer: Newcomer, profile: ShopProfile) -> tuple[Store, bool]:
    known = session.scalars(
        select(Store)
        .where(Store.platform == newcomer.platform, Store.domain == newcomer.domain)
        .with_for_update()
    ).one_or_none()
    store = known or Store(
        store_id=new_id(), platform=newcomer.platform, domain=newcomer.domain, settings={}
    )
    store.url, store.name, store.currency = newcomer.url, profile.name, profile.currency
    store.timezone = known_zone(profile.timezone, store.timezone)
    store.country, store.locale = profile.country, profile.locale
    store.contact_email = profile.contact_email
    # A late `shop/redact` of the earlier install is told apart by this moment.
    store.status, store.uninstalled_at, store.installed_at = StoreStatus.ACTIVE, None, clock.now()
    session.add(store)
    session.flush()
    return store, known is not None


def register_webhooks(config: Config, shop: Shop, store: Store) -> HookReport:
    """Make the shop call us, with a secret of its own that is made once."""
    vault = Vault(config.keys)
    with store_transaction(store.store_id) as session:
        secret = load(session, vault, store.store_id, "webhook")
        if secret is None:
            # Hex only: WooCommerce decodes entities in a secret before it signs with it.
            secret = Secret(kind="webhook", values={"current": secrets.token_hex(32)})
            save(session, vault, store.store_id, secret)
    report = shop.register_webhooks(webhook_url(config, store), secret.values["current"])
    pass_point(Point.HOOKS_ASKED)
    return report


def webhook_url(config: Config, store: Store) -> str:
    """Where this shop must send its webhooks."""
    base = f"{config.public_url.rstrip('/')}/webhooks/{store.platform}"
    return base if store.platform == "shopify" else f"{base}/{store.store_id}"


def save_channel(config: Config, store_id: UUID, secret: Secret) -> None:
    """Keep a provider's credentials, after the caller has tested them."""
    with store_transaction(store_id) as session:
        save(session, Vault(config.keys), store_id, secret)


def last_backfill(session: Session) -> datetime | None:
    """When the whole history had been read; None while it is being read."""
    rows = backfill.progress(session)
    ends = [row.finished_at for row in rows]
    return max((end for end in ends if end), default=None) if rows and all(ends) else None
