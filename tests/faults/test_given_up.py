"""What the storm forgives is asked of our tables, and answered for one message alone."""

from sqlalchemy import text

from app.channels import ChannelName, Unknown
from tests.conftest import Machine
from tests.fakes.building import town
from tests.fakes.town import ANA, Town
from tests.faults.storm import GIVEN_UP

__all__ = ["town"]


def is_given_up(database: Machine, **sought: str) -> bool:
    with database.owner.connect() as connection:
        return bool(connection.execute(text(GIVEN_UP), sought).scalar_one())


def test_a_text_that_died_twice_is_given_up_and_nothing_else_is(
    town: Town, database: Machine
) -> None:
    message_id = town.plan(channel=ChannelName.SMS)
    name, email = town.message(message_id).name, str(ANA.email)
    town.phone.answers = [Unknown(detail="lost"), Unknown(detail="lost again")]
    town.send()
    assert not is_given_up(database, email=email, name=name, channel="sms")

    for _ in range(8):
        town.clock.advance(minutes=11)
        town.send()

    assert is_given_up(database, email=email, name=name, channel="sms")
    assert not is_given_up(database, email=email, name=name, channel="email")
    assert not is_given_up(database, email=email, name="another", channel="sms")
    assert not is_given_up(database, email="ben@example.com", name=name, channel="sms")
