"""Who the stories of silence are about."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.config import Config
from app.models import Customer
from app.tenancy import store_transaction
from tests.integration.customers.people import order, tell
from tests.integration.inbox.silence import ANA


@pytest.fixture
def ana(store_id: UUID, config: Config) -> UUID:
    """Somebody who bought once, at the beginning."""
    tell(store_id, order("1", 0, ANA, cart_keys=("t1",)), keys=config.keys)
    with store_transaction(store_id) as session:
        return session.scalars(select(Customer.customer_id)).one()
