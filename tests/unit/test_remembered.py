"""Answers remembered for a few seconds."""

import asyncio
import threading

import pytest

from app.stores.remembered import GOOD_SECONDS, REFRESH_SECONDS, Remembered
from tests.awaiting import finish


class Watch:
    """A stopwatch that goes when it is told to, and a book of who was asked for."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.answers: dict[str, str] = {"a": "first"}
        self.asked: list[str] = []
        self.names: Remembered[str, str] = Remembered(self._look_up, lambda: self.seconds)

    def _look_up(self, key: str) -> str | None:
        self.asked.append(key)
        return self.answers.get(key)


def test_an_answer_is_good_for_a_while_and_then_asked_for_again() -> None:
    watch = Watch()

    watch.names.of("a")
    watch.answers["a"] = "second"
    assert watch.names.of("a") == "first"
    watch.seconds += GOOD_SECONDS

    assert watch.names.of("a") == "second"
    assert watch.asked == ["a", "a"]


def test_what_is_not_there_is_asked_for_every_time() -> None:
    watch = Watch()
    assert watch.names.of("b") is None

    watch.answers["b"] = "just installed"

    assert watch.names.of("b") == "just installed"


def test_what_has_gone_is_forgotten_once_it_has_been_asked_for() -> None:
    watch = Watch()
    watch.names.of("a")
    del watch.answers["a"]
    watch.seconds += GOOD_SECONDS

    assert watch.names.of("a") is None


def test_while_one_asks_again_the_others_go_on_with_what_was_known() -> None:
    watch = Watch()
    others = []

    def slow(key: str) -> str:
        watch.asked.append(key)
        if len(watch.asked) > 1:  # The others come while this is under way.
            others.append(names.of(key))
        return "new" if others else "old"

    names: Remembered[str, str] = Remembered(slow, lambda: watch.seconds)
    names.of("a")
    watch.seconds += GOOD_SECONDS

    assert names.of("a") == "new"
    assert (others, watch.asked) == (["old"], ["a", "a"])


def test_a_crowd_in_an_event_loop_asks_once_and_holds_nobody_up() -> None:
    watch = Watch()
    may_answer = threading.Event()

    def slow(key: str) -> str:
        watch.asked.append(key)
        if len(watch.asked) > 1:
            may_answer.wait(10)
        return "old" if len(watch.asked) == 1 else "new"

    async def crowd() -> list[str | None]:
        names: Remembered[str, str] = Remembered(slow, lambda: watch.seconds)
        await names.soon("a")
        watch.seconds += GOOD_SECONDS
        first = asyncio.create_task(names.soon("a"))
        await asyncio.sleep(0)
        others = [await names.soon("a") for _ in range(5)]
        may_answer.set()
        return [await first, *others]

    assert finish(crowd()) == ["new", *["old"] * 5]
    assert watch.asked == ["a", "a"]


def test_a_look_up_that_fails_is_tried_again_soon() -> None:
    watch = Watch()
    broken = [False]

    def shaky(key: str) -> str:
        watch.asked.append(key)
        if broken[0]:
            raise ConnectionError(key)
        return "there"

    names: Remembered[str, str] = Remembered(shaky, lambda: watch.seconds)
    names.of("a")
    watch.seconds += GOOD_SECONDS
    broken[0] = True
    with pytest.raises(ConnectionError):
        names.of("a")
    assert names.of("a") == "there"
    broken[0] = False
    watch.seconds += REFRESH_SECONDS

    assert names.of("a") == "there"
    assert watch.asked == ["a", "a", "a"]
