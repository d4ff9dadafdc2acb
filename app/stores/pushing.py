"""The system webhook of a store's Klaviyo: its address, its name, and a secret made once.

Kept apart from the account's own credential, which is replaced whole at every refresh.
"""

import secrets
from dataclasses import replace
from uuid import UUID

from app.channels.klaviyo import KlaviyoPush
from app.channels.klaviyo.push import Found, Push
from app.config import Config
from app.crypto import Vault
from app.stores.credentials import Secret, load, save
from app.tenancy import store_transaction

KIND = "klaviyo_webhook"
MADE, GIVEN = "made", "given"
"""By us for our own webhook, or by a merchant who made one by hand."""


def callback_url(config: Config, store_id: UUID) -> str:
    """Where Klaviyo tells what became of a store's mails."""
    return f"{config.public_url.rstrip('/')}/callbacks/klaviyo/{store_id}"


def secrets_of(config: Config, store_id: UUID) -> tuple[str, ...]:
    """What may prove a callback of this store."""
    return tuple(_values(config, store_id).values())


def look(config: Config, store_id: UUID, push: KlaviyoPush) -> Found:
    """Where the webhook stands. One whose secret we have not is as good as none."""
    found = push.look()
    if found.push is Push.THERE and MADE not in _values(config, store_id):
        return replace(found, push=Push.MISSING)
    return found


def start(config: Config, store_id: UUID, push: KlaviyoPush, found: Found) -> Found:
    """Make Klaviyo call us. The secret is kept before Klaviyo hears of it: no call is lost."""
    values = _values(config, store_id)
    if MADE not in values:
        values = keep_secret(config, store_id, MADE, secrets.token_hex(32))
    return push.start(found, values[MADE])


def keep_secret(config: Config, store_id: UUID, name: str, secret: str) -> dict[str, str]:
    """Seal a secret beside the other; both prove a callback."""
    vault = Vault(config.keys)
    with store_transaction(store_id) as session:
        kept = load(session, vault, store_id, KIND)
        values = {**(kept.values if kept else {}), name: secret}
        save(session, vault, store_id, Secret(kind=KIND, values=values))
    return values


def _values(config: Config, store_id: UUID) -> dict[str, str]:
    with store_transaction(store_id) as session:
        kept = load(session, Vault(config.keys), store_id, KIND)
    return dict(kept.values) if kept else {}
