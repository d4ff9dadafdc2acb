"""Opening what a store has connected: its shop and channels, with credentials that are fresh."""

from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.exc import NoResultFound

from app.channels import ACCOUNT_OF, Channel, ChannelName
from app.channels.klaviyo import KlaviyoPush, KlaviyoSetup, webhook_name
from app.config import Config
from app.crypto import Vault
from app.errors import AccessLost, ComebackError
from app.models import Store
from app.platforms import Shop, ShopFacts
from app.stores import pushing
from app.stores.adapters import REFRESHERS, klaviyo_credentials, open_channel, open_shop
from app.stores.credentials import PROVIDERS, load
from app.stores.lifecycle import this_store
from app.stores.losing import find_again, lose
from app.stores.refresh import Freshener
from app.stores.timed import Timed
from app.stores.watched import Watched
from app.tenancy import store_transaction

_log = structlog.get_logger(__name__)


class Connections:
    """Made once per process and handed to whoever must talk to the world for a store."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._vault = Vault(config.keys)
        self._freshener = Freshener(config, REFRESHERS)

    def shop(self, store_id: UUID) -> Shop:
        """The store's shop. Raises AccessLost without a connection, Unreachable without answer."""
        store = self._store(store_id)
        secret = self._freshener.fresh(store_id, "shop", store.domain)
        if secret is None:
            raise AccessLost(f"{store.domain} is not connected. Connect the shop again.")
        facts = ShopFacts(currency=store.currency, timezone=store.timezone, domain=store.domain)
        shop = open_shop(self.config, store.platform, store.url, facts, secret.values)
        lost = partial(lose, store_id, "shop", kept_at=secret.kept_at)
        return Watched(shop, store.platform, lost)

    def shop_again(self, store_id: UUID) -> Shop:
        """The shop, also one that has refused us: it is asked whether it still does."""
        with store_transaction(store_id) as session:
            secret = load(session, self._vault, store_id, "shop")
        if secret is None or not secret.broken_reason:
            return self.shop(store_id)
        store = self._store(store_id)
        facts = ShopFacts(currency=store.currency, timezone=store.timezone, domain=store.domain)
        open_shop(self.config, store.platform, store.url, facts, secret.values).describe()
        find_again(store_id, "shop")
        return self.shop(store_id)

    def channel(self, store_id: UUID, name: ChannelName) -> Channel | None:
        """The store's provider for this channel; None when it has not connected one."""
        kind = ACCOUNT_OF[name]
        secret = self._freshener.fresh(store_id, kind, self._store(store_id).domain)
        if secret is None or name not in secret.channels:
            return None
        secrets = pushing.secrets_of(self.config, store_id) if kind == "klaviyo" else ()
        lost = partial(lose, store_id, kind, kept_at=secret.kept_at)
        return Timed(kind, open_channel(self.config, kind, secret.values, secrets), lost)

    def klaviyo_setup(self, store_id: UUID) -> KlaviyoSetup | None:
        """What builds our flows in the store's Klaviyo account; None when it has connected none."""
        secret = self._freshener.fresh(store_id, "klaviyo", self._store(store_id).domain)
        if secret is None:
            return None
        return KlaviyoSetup(klaviyo_credentials(secret.values), self.config.klaviyo_endpoint)

    def klaviyo_push(self, store_id: UUID) -> KlaviyoPush | None:
        """What makes Klaviyo tell us at once; None when the store has connected none."""
        secret = self._freshener.fresh(store_id, "klaviyo", self._store(store_id).domain)
        if secret is None:
            return None
        return KlaviyoPush(
            klaviyo_credentials(secret.values),
            self.config.klaviyo_endpoint,
            name=webhook_name(str(store_id)),
            url=pushing.callback_url(self.config, store_id),
        )

    def connected(self, store_id: UUID) -> set[ChannelName]:
        """The channels this store has given credentials for, working or not."""
        with store_transaction(store_id) as session:
            kept = [load(session, self._vault, store_id, kind) for kind in PROVIDERS]
        return {name for secret in kept if secret for name in secret.channels}

    def keep_alive(self) -> int:
        """Refresh the pairs of quiet stores before they die; returns how many were due."""
        due = self._freshener.quiet()
        for store_id, kind in due:
            try:
                self._freshener.refresh(store_id, kind, self._store(store_id).domain)
            except ComebackError as error:
                _log.warning("keep_alive_failed", store_id=str(store_id), error=str(error))
        return len(due)

    @staticmethod
    def _store(store_id: UUID) -> Store:
        with store_transaction(store_id) as session:
            try:
                return this_store(session)
            except NoResultFound:
                raise AccessLost("This store does not exist any more.") from None
