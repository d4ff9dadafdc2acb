"""Where people stand after a batch of facts, by what their store was last measured by."""

from collections.abc import Collection
from uuid import UUID

from app.customers.batch import Batch
from app.customers.measuring import bounds_of
from app.customers.standing import stand
from app.models import Store, StoreMeasure
from app.stores.settings import read_settings


def follow(batch: Batch, people: Collection[UUID]) -> None:
    """Nothing in a store that was never measured: its first walk takes everybody."""
    if not people or batch.replay:
        return
    kept = batch.session.get(StoreMeasure, batch.store_id)
    if kept is None:
        return
    store = batch.session.get_one(Store, batch.store_id)
    stand(batch.session, bounds_of(kept, read_settings(store.settings)), batch.now, people)
