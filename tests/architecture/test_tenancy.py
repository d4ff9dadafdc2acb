"""Law 3: PostgreSQL itself keeps one store's rows from another."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import db
from app.inbox.receive import Kept, insert_webhooks
from app.models import Base, Customer, Flow, FlowVersion, new_id
from app.schema import require_ordinary_role
from app.tenancy import APP_ROLE, platform_transaction, store_transaction
from tests.conftest import START, Machine, MakeStore


def test_every_table_has_row_security_forced(database: Machine) -> None:
    with database.owner.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE nspname = 'public' AND relkind = 'r' AND relname <> 'alembic_version'"
            )
        ).all()

    assert {name for name, _ in rows} == set(Base.metadata.tables)
    assert [name for name, forced in rows if not forced] == []


def test_postgresql_guesses_nothing_from_whose_row_a_row_is(database: Machine) -> None:
    """A new table needs what migration 0009 did to the first ones."""
    with database.owner.connect() as connection:
        guessed = connection.execute(
            text(
                "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class ON oid = attrelid"
                " WHERE attname = 'store_id' AND relkind = 'r' AND attstattarget IS DISTINCT FROM 0"
            )
        )

    assert list(guessed.scalars()) == []


def test_every_key_of_a_store_s_table_begins_with_the_store() -> None:
    tables = [
        table
        for table in Base.metadata.tables.values()
        if table.name not in {"stores", "pending_connections"}
    ]
    keys = [(t.name, [column.name for column in t.primary_key.columns]) for t in tables]
    keys += [
        (t.name, [column.name for column in index.columns])
        for t in tables
        for index in t.indexes
        if index.unique
    ]

    assert [key for key in keys if key[1][0] != "store_id"] == []


def test_raw_sql_sees_and_changes_one_store_only(make_store: MakeStore) -> None:
    ours, theirs = make_store(), make_store()
    with store_transaction(theirs) as session:
        session.add(Customer(store_id=theirs, email="anna@example.com", first_seen_at=START))

    with store_transaction(ours) as session:
        seen = session.execute(text("SELECT count(*) FROM customers")).scalar_one()
        changed = session.execute(text("UPDATE customers SET email = 'x'")).rowcount  # type: ignore[attr-defined]
        stores = session.execute(text("SELECT count(*) FROM stores")).scalar_one()

    assert (seen, changed, stores) == (0, 0, 1)


def test_keeping_webhooks_of_all_stores_opens_no_door_to_their_rows(make_store: MakeStore) -> None:
    kept = [
        Kept(store_id=make_store(), webhook_key="a", topic="x", body=b"{}", triggered_at=None)
        for _ in range(2)
    ]

    assert len(insert_webhooks(kept)) == 2

    with db.lent_line() as line:
        seen = line.execute("SELECT current_user, (SELECT count(*) FROM webhooks)").fetchone()
    assert seen == (APP_ROLE, 0)


def test_a_row_for_another_store_cannot_be_written(make_store: MakeStore) -> None:
    ours, theirs = make_store(), make_store()

    with pytest.raises(DBAPIError, match="row-level security"), store_transaction(ours) as session:
        session.add(Customer(store_id=theirs, first_seen_at=START))


def test_without_a_store_nothing_is_visible(make_store: MakeStore) -> None:
    make_store()

    with db.new_session() as session:
        assert session.execute(text("SELECT count(*) FROM stores")).scalar_one() == 0


def test_the_store_is_forgotten_when_the_transaction_ends(make_store: MakeStore) -> None:
    with store_transaction(make_store()):
        pass

    with db.engine().connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM stores")).scalar_one() == 0


def test_the_platform_sees_all_stores(make_store: MakeStore) -> None:
    make_store()
    make_store()

    with platform_transaction("a test counts") as session:
        assert session.execute(text("SELECT count(*) FROM stores")).scalar_one() == 2


def test_the_app_s_role_owns_nothing(database: Machine) -> None:
    with db.engine().connect() as connection:
        require_ordinary_role(connection)


def test_a_flow_version_cannot_be_rewritten(make_store: MakeStore) -> None:
    store_id = make_store()
    flow_id = new_id()
    with store_transaction(store_id) as session:
        session.add(Flow(store_id=store_id, flow_id=flow_id, slug="cart", version=1))
        session.flush()
        session.add(FlowVersion(store_id=store_id, flow_id=flow_id, version=1, source="a"))

    with pytest.raises(DBAPIError, match="append-only"), store_transaction(store_id) as session:
        session.execute(text("UPDATE flow_versions SET source = 'b'"))
