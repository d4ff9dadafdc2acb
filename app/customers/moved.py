"""Where the people of a batch stand after it, by what their store was last measured by."""

from app.customers.batch import Batch
from app.customers.measuring import bounds_of
from app.customers.standing import stand
from app.models import Store, StoreMeasure
from app.stores.settings import read_settings


def follow(batch: Batch) -> None:
    """Nothing in a store that was never measured: its first walk takes everybody."""
    kept = batch.session.get(StoreMeasure, batch.store_id)
    if kept is None or batch.replay:
        return
    store = batch.session.get_one(Store, batch.store_id)
    stand(batch.session, bounds_of(kept, read_settings(store.settings)), batch.now, batch.people)
