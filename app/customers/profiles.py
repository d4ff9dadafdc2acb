"""Whose profile at the e-mail provider is out of date now. Marks it only; `messages` tells.

Must never add anybody: who was never mailed has no row, and so no profile through us.
"""

from datetime import timedelta

from sqlalchemy import update

from app.customers.batch import Batch
from app.customers.changes import ChangeKind
from app.models import ProfileUpsert
from app.models.rows import among

CALM = timedelta(minutes=1)
"""A shop tells one change by several webhooks; together they are told once."""

_TOLD = (
    *("platform_key", "email", "phone", "first_name", "last_name"),
    *("locale", "country", "region"),
)


def touch(batch: Batch) -> None:
    """Mark the people of a batch who go by something else now, and those who were merged."""
    if batch.replay:
        return
    stale = {one.customer_id for one in batch.changes if one.kind is ChangeKind.MERGED}
    for customer_id, row in batch.people.items():
        before = batch.before.get(customer_id)
        if before is not None and any(before[name] != row[name] for name in _TOLD):
            stale.add(customer_id)
    if not stale:
        return
    batch.session.execute(
        update(ProfileUpsert)
        .where(
            ProfileUpsert.store_id == batch.store_id,
            among(ProfileUpsert.customer_id, stale),
        )
        .values(changes=ProfileUpsert.changes + 1, due_at=batch.now + CALM, attempts=0, error=None),
        execution_options={"synchronize_session": False},
    )
