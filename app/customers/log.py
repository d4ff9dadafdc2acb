"""The event log: every fact once, append-only, from which the state can be told again."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select

from app.customers.batch import Batch
from app.customers.changes import Incoming
from app.customers.facts import Told, read_fact, tell
from app.jsontext import written
from app.models import LoggedFact, new_id
from app.models.rows import STORE, among, insert_new, listed, one_of

_KNOWN = select(LoggedFact.fact_key).where(
    LoggedFact.store_id == STORE, one_of(LoggedFact.fact_key, "keys")
)


def unknown(batch: Batch, told: Iterable[Told]) -> list[Told]:
    """The facts the log does not have yet, each once."""
    first = {one.key: one for one in told}
    if not first:
        return []
    for key in batch.session.scalars(_KNOWN, {"store": batch.store_id, "keys": listed(first)}):
        del first[key]
    return list(first.values())


def append(batch: Batch, owners: Mapping[str, UUID | None]) -> None:
    """Log the facts of the batch with the customers they are about; `owners` are those of facts
    that name nobody, by fact."""
    insert_new(
        batch.session,
        LoggedFact,
        [
            {
                "store_id": batch.store_id,
                "event_id": new_id(),
                "fact_key": one.key,
                "kind": one.fact.kind,
                "source": one.source,
                "customer_id": batch.customer_of.get(one.key) or owners.get(one.key),
                "occurred_at": one.at,
                "recorded_at": batch.now,
                "fact": written(one.text),
            }
            for one in batch.told
        ],
    )


def bare_facts_of(batch: Batch, customer_ids: Sequence[UUID]) -> list[Told]:
    """The facts about these people that name them by a telephone number alone."""
    person = LoggedFact.fact["person"]
    found = told_of(
        batch,
        customer_ids,
        person["phone"].astext.is_not(None),
        person["platform_key"].astext.is_(None),
    )
    return [one for one in found if one.is_only_a_number]


def told_of(
    batch: Batch, customer_ids: Sequence[UUID], *conditions: ColumnElement[bool]
) -> list[Told]:
    """Everything ever told of these people, with the customer each fact belongs to."""
    statement = select(LoggedFact).where(
        LoggedFact.store_id == batch.store_id,
        among(LoggedFact.customer_id, customer_ids),
        *conditions,
    )
    rows = batch.session.scalars(statement, execution_options={"populate_existing": True})
    return [read(row) for row in rows]


def read(row: LoggedFact) -> Told:
    """A logged fact as it was when it came in; `hint` is the customer of who is named in it now."""
    told = tell(Incoming(fact=read_fact(row.fact), source=row.source, live=False))
    told.key = row.fact_key
    if told.names_somebody:
        told.hint = row.customer_id
    return told
