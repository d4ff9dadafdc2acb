"""The town as a fixture; a test package imports it into its conftest."""

from datetime import datetime
from uuid import UUID

import pytest

from app.channels import ChannelName
from app.config import Config
from tests.conftest import Clock
from tests.fakes.channels import FakeChannel
from tests.fakes.shops import FakeConnections
from tests.fakes.town import Town

NOON_IN_ROME = datetime.fromisoformat("2026-03-02T11:00+00:00")


@pytest.fixture
def town(store_id: UUID, clock: Clock, config: Config) -> Town:
    clock.travel(NOON_IN_ROME)
    mail, phone = FakeChannel(knows_repeats=True), FakeChannel(knows_repeats=False)
    connections = FakeConnections(
        config=config,
        channels={
            ChannelName.EMAIL: mail,
            ChannelName.SMS: phone,
            ChannelName.WHATSAPP: phone,
        },
    )
    built = Town(store_id, clock, config, connections, mail, phone)
    built.settle_in()
    return built
