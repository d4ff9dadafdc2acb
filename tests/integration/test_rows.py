"""Lists of values on their way to the database."""

from uuid import UUID

from sqlalchemy import select

from app.models import Customer, new_id
from app.models.rows import among
from app.tenancy import store_transaction
from tests.conftest import START


def test_a_list_is_a_constant_of_the_plan_and_not_read_again_for_each_row(store_id: UUID) -> None:
    wanted = among(Customer.customer_id, [new_id() for _ in range(20)])
    asked = select(Customer.customer_id).where(Customer.store_id == store_id, wanted)

    with store_transaction(store_id) as session:
        compiled = asked.compile(session.connection())
        plan = session.connection().exec_driver_sql(
            f"EXPLAIN (VERBOSE) {compiled}", compiled.params
        )
        lines = "\n".join(plan.scalars())

    assert "::uuid[]" in lines
    assert "cstring" not in lines


def test_a_list_may_hold_anything_that_a_text_may(store_id: UUID) -> None:
    names = ['a "quoted" one', "back\\slash", "{}", "NULL", "", "a,b"]

    with store_transaction(store_id) as session:
        session.add_all(
            Customer(store_id=store_id, customer_id=new_id(), first_name=name, first_seen_at=START)
            for name in names
        )
        session.flush()
        found = session.scalars(
            select(Customer.first_name).where(among(Customer.first_name, names))
        )

        assert sorted(map(str, found)) == sorted(names)
