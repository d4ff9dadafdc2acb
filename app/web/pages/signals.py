"""The signs of leaving of a person, as their page shows them: what, how grave, since when, why."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app import clock
from app.customers.signal_parts import signals_now
from app.customers.signals import LEVEL, OWNER, Values
from app.models import Customer, Standing, Store
from app.stores.settings import read_settings
from app.web.shown import moment, t


@dataclass(frozen=True, slots=True)
class Sign:
    """`why` is a sentence with the values that were compared; `since` None: seen just now."""

    name: str
    level: str
    owner: str
    why: str
    since: datetime | None


def signs_shown(session: Session, store: Store, customer: Customer) -> list[Sign]:
    """Every sign that is there at this moment; none while nobody has looked."""
    row = session.get(Standing, (store.store_id, customer.customer_id))
    if row is None:
        return []
    low_score = read_settings(store.settings).low_score
    found = signals_now(session, customer, row.inactivity, low_score, clock.now())
    kept = row.signals_since or {}
    return [
        Sign(
            name=name,
            level=LEVEL[name],
            owner=OWNER[LEVEL[name]],
            why=t(f"signal.{name}", **_readable(values)),
            since=datetime.fromisoformat(kept[name]) if name in kept else None,
        )
        for name, values in found.items()
    ]


def _readable(values: Values) -> dict[str, object]:
    return {
        name: moment(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }
