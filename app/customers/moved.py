"""Where people stand after a batch of facts, by what their store was last measured by."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.customers.batch import Batch
from app.customers.measuring import bounds_of
from app.customers.standing import stand
from app.models import Store, StoreMeasure
from app.models.rows import STORE
from app.stores.settings import read_settings

_MEASURED_BY = (
    select(StoreMeasure, Store.settings)
    .join(Store, Store.store_id == StoreMeasure.store_id)
    .where(StoreMeasure.store_id == STORE)
    .execution_options(populate_existing=True)
)
"""Read under the store's lock, also what the session knew before: a walk by other bounds may have
passed these people while their facts waited for it, and would not come back to them."""


def follow(batch: Batch, people: Collection[UUID]) -> None:
    """Nothing in a store that was never measured: its first walk takes everybody."""
    if not people or batch.replay:
        return
    known = batch.session.execute(_MEASURED_BY, {"store": batch.store_id}).one_or_none()
    if known is None:
        return
    kept, settings = known
    stand(batch.session, bounds_of(kept, read_settings(settings)), batch.now, people)
