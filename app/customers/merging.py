"""Two customers who turned out to be one: the one seen first stays, and gets all of the other's.

Every table with a `customer_id` is found from the metadata, so that a table added later is moved
too. It must never drop a row: where both were inside the same flow by the same entry, the journey
of the one who goes is ended and kept.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Table, Text, and_, case, cast, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.customers import people
from app.customers.batch import Batch
from app.customers.changes import ChangeKind
from app.customers.facts import Told
from app.models import Base, Customer, Journey, JourneyStatus, Merge
from app.models.rows import Row, add, among, given, packed, table_of
from app.reasons import Reason

_MERGES = table_of(Merge)


class Merged(NamedTuple):
    """`gone` is the same person as `kept`; the facts in `links` say so."""

    kept: UUID
    gone: UUID
    links: Sequence[Told]


def merge(batch: Batch, merged: Sequence[Merged]) -> None:
    """Make one row of each pair, move everything, and put the merge on record."""
    pairs: list[Row] = [{"gone_id": one.gone, "kept_id": one.kept} for one in merged]
    for one in merged:
        people.join(batch.people[one.kept], batch.people.pop(one.gone))
        batch.regard.add(one.kept)
        batch.note(ChangeKind.MERGED, one.kept, one.links, gone_id=one.gone)
    values = packed(pairs)
    _end_double_journeys(batch, values)
    for table in tables_of_customers():
        if "customer_id" in table.primary_key.columns:
            _add_to_list(batch, table, values)
        else:
            _move(batch, table, "customer_id", values)
    _move(batch, _MERGES, "kept_id", values)
    batch.session.execute(
        delete(Customer).where(
            Customer.store_id == batch.store_id,
            among(Customer.customer_id, [one.gone for one in merged]),
        ),
        execution_options={"synchronize_session": False},
    )
    add(batch.session, Merge, [_record(batch, one) for one in merged])


def tables_of_customers() -> list[Table]:
    """The tables whose rows belong to a customer."""
    own = table_of(Customer)
    tables = Base.metadata.sorted_tables
    return [table for table in tables if table is not own and "customer_id" in table.columns]


def _move(batch: Batch, table: Table, column: str, values: dict[str, str]) -> None:
    pair = given(_MERGES, ("gone_id", "kept_id"))
    batch.session.execute(
        update(table)
        .where(table.c.store_id == batch.store_id, table.c[column] == pair.c.gone_id)
        .values({column: pair.c.kept_id}),
        values,
    )


def _add_to_list(batch: Batch, table: Table, values: dict[str, str]) -> None:
    """A list of people has each of them once: the one who goes is on it with the row that falls
    when the customer is deleted, and the one who stays is put on it unless they are."""
    pair = given(_MERGES, ("gone_id", "kept_id"))
    names = [column.name for column in table.columns]
    row = select(*(pair.c.kept_id if n == "customer_id" else table.c[n] for n in names)).where(
        table.c.store_id == batch.store_id, table.c.customer_id == pair.c.gone_id
    )
    batch.session.execute(insert(table).from_select(names, row).on_conflict_do_nothing(), values)


def _end_double_journeys(batch: Batch, values: dict[str, str]) -> None:
    """One person cannot be twice in a flow by one entry: the journey of who goes gives way."""
    pair, rival = (given(_MERGES, ("gone_id", "kept_id"), name) for name in ("pair", "rival"))
    other = aliased(Journey)
    also_going = select(rival.c.gone_id).where(rival.c.kept_id == pair.c.kept_id)
    clash = exists().where(
        other.store_id == Journey.store_id,
        other.flow_id == Journey.flow_id,
        other.entry_key == Journey.entry_key,
        or_(
            other.customer_id == pair.c.kept_id,
            and_(
                other.customer_id < Journey.customer_id,
                other.customer_id.in_(also_going.scalar_subquery()),
            ),
        ),
    )
    active = Journey.status == JourneyStatus.ACTIVE
    batch.session.execute(
        update(Journey)
        .where(Journey.store_id == batch.store_id, Journey.customer_id == pair.c.gone_id, clash)
        .values(
            entry_key=Journey.entry_key + "#" + cast(Journey.customer_id, Text),
            status=case((active, JourneyStatus.EXITED), else_=Journey.status),
            ended_at=case((active, batch.now), else_=Journey.ended_at),
            end_reason=case((active, Reason.MERGED_AWAY), else_=Journey.end_reason),
            due_at=None,
            lease_until=None,
        ),
        values,
        execution_options={"synchronize_session": False},
    )


def _record(batch: Batch, one: Merged) -> Row:
    """What linked the two, without a name or an address: the facts themselves are in the log."""
    because = {
        "facts": sorted({link.key for link in one.links})[:10],
        "kinds": sorted({link.fact.kind for link in one.links}),
        "by": sorted({kind for link in one.links for kind, _ in link.nodes} or {"phone"}),
    }
    return {
        "store_id": batch.store_id,
        "gone_id": one.gone,
        "kept_id": one.kept,
        "because": because,
        "merged_at": batch.now,
    }
