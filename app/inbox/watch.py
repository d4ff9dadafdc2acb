"""The hourly look after a shop: is it still ours, does it still tell us, what has it not told?

WooCommerce switches a webhook off after seven failures and never repeats one; Shopify deletes what
failed eight times. Neither says a word about it, so we ask.
"""

from uuid import UUID

import structlog

from app import clock
from app.channels import ChannelHealth
from app.errors import ComebackError
from app.inbox.catch_up import catch_up, was_watched
from app.inbox.hearing import learn_from_orders
from app.inbox.looks import keep_look, look_at_providers
from app.inbox.silent_mail import look_for_silence
from app.models import Store, StoreStatus
from app.platforms import HookReport, Shop
from app.stores import lifecycle
from app.stores.connections import Connections
from app.stores.install import register_webhooks
from app.stores.notices import tell
from app.tenancy import store_transaction

_log = structlog.get_logger(__name__)


def watch_shop(store_id: UUID, connections: Connections) -> int:
    """One look at one shop; returns 0, for the next look is due in an hour."""
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
    if store.status != StoreStatus.ACTIVE:
        return 0
    went = ChannelHealth(ok=True, sentence="")
    try:
        shop = connections.shop_again(store_id)
        _mend_webhooks(connections, shop, store)
        catch_up(store_id, shop, connections.config.keys)
    except ComebackError as error:
        _log.warning("watch_failed", store_id=str(store_id), error=type(error).__name__)
        went = ChannelHealth(ok=False, sentence=str(error))
    with store_transaction(store_id) as session:
        keep_look(session, "shop", went)
        learn_from_orders(session, store)
    look_at_providers(store_id, connections)
    look_for_silence(store_id, connections)
    return 0


def _mend_webhooks(connections: Connections, shop: Shop, store: Store) -> None:
    report = register_webhooks(connections.config, shop, store)
    with store_transaction(store.store_id) as session:
        topics = _silent(report, known=was_watched(session))
        if topics:
            key = f"hooks_repaired:{clock.now():%Y-%m-%d}"
            tell(session, key, kind="hooks_repaired", details={"topics": ", ".join(topics)})


def _silent(report: HookReport, *, known: bool) -> tuple[str, ...]:
    """The topics nobody told us of. At the first look, what is missing was never there."""
    return (*report.repaired, *(report.created if known else ()))
