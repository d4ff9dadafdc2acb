"""Tokens: one refresher at a time, a pair replaced whole, quiet stores kept alive."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from uuid import UUID

import pytest

from app.config import Config
from app.crypto import Vault
from app.errors import AccessLost, Unreachable
from app.stores.credentials import Secret, load, save
from app.stores.losing import lose
from app.stores.refresh import Freshener
from app.tenancy import store_transaction
from tests.conftest import Clock

HOUR = timedelta(hours=1)


def pair(clock: Clock, name: str, *, lives: timedelta = HOUR) -> Secret:
    return Secret(
        kind="shop",
        values={"access_token": name, "refresh_token": f"refresh-{name}"},
        expires_at=clock() + lives,
        refresh_expires_at=clock() + timedelta(days=90),
    )


def keep(config: Config, store_id: UUID, secret: Secret) -> None:
    with store_transaction(store_id) as session:
        save(session, Vault(config.keys), store_id, secret)


def stored(config: Config, store_id: UUID) -> Secret | None:
    with store_transaction(store_id) as session:
        return load(session, Vault(config.keys), store_id, "shop")


def kept_at(config: Config, store_id: UUID) -> datetime | None:
    kept = stored(config, store_id)
    return kept.kept_at if kept else None


def freshener(config: Config, renew: Callable[[], Secret]) -> Freshener:
    return Freshener(config, {"shop": lambda _config, _domain, _old: renew()})


def test_a_token_with_time_left_is_used_as_it_is(
    config: Config, store_id: UUID, clock: Clock
) -> None:
    keep(config, store_id, pair(clock, "first"))

    def never() -> Secret:
        raise AssertionError("nothing was due")

    secret = freshener(config, never).fresh(store_id, "shop", "acme.myshopify.com")

    assert secret and secret.values["access_token"] == "first"


def test_a_token_about_to_expire_is_replaced_with_its_refresh_token(
    config: Config, store_id: UUID, clock: Clock
) -> None:
    keep(config, store_id, pair(clock, "first"))
    clock.advance(minutes=56)

    renewed = freshener(config, lambda: pair(clock, "second")).fresh(store_id, "shop", "acme")

    kept = stored(config, store_id)
    assert renewed and renewed.values["access_token"] == "second"
    assert kept and kept.values["refresh_token"] == "refresh-second"


def test_two_workers_refresh_once_and_the_other_uses_what_still_works(
    config: Config, store_id: UUID, clock: Clock
) -> None:
    keep(config, store_id, pair(clock, "first"))
    clock.advance(minutes=56)
    calling, answer = Event(), Event()
    calls = []

    def slow() -> Secret:
        calls.append(1)
        calling.set()
        assert answer.wait(10)
        return pair(clock, "second")

    fresh = freshener(config, slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(fresh.fresh, store_id, "shop", "acme")
        assert calling.wait(10)
        meanwhile = fresh.fresh(store_id, "shop", "acme")
        answer.set()

    assert meanwhile and meanwhile.values["access_token"] == "first"
    assert first.result().values["access_token"] == "second"  # type: ignore[union-attr]
    assert calls == [1]


def test_while_another_refreshes_an_expired_token_the_caller_is_told_to_wait(
    config: Config, store_id: UUID, clock: Clock
) -> None:
    keep(config, store_id, pair(clock, "first"))
    clock.advance(hours=2)
    calling, answer = Event(), Event()

    def slow() -> Secret:
        calling.set()
        assert answer.wait(10)
        return pair(clock, "second")

    fresh = freshener(config, slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(fresh.fresh, store_id, "shop", "acme")
        assert calling.wait(10)
        with pytest.raises(Unreachable) as told:
            fresh.fresh(store_id, "shop", "acme")
        answer.set()
        first.result()

    assert told.value.retry_after


def test_a_reply_that_failed_leaves_the_old_pair_and_lets_the_next_try(
    config: Config, store_id: UUID, clock: Clock
) -> None:
    keep(config, store_id, pair(clock, "first"))
    clock.advance(minutes=56)
    answers: Iterator[Secret | Exception] = iter([Unreachable("no answer"), pair(clock, "second")])

    def renew() -> Secret:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    fresh = freshener(config, renew)
    with pytest.raises(Unreachable):
        fresh.fresh(store_id, "shop", "acme")
    assert stored(config, store_id).values["access_token"] == "first"  # type: ignore[union-attr]

    again = fresh.fresh(store_id, "shop", "acme")

    assert again and again.values["access_token"] == "second"


def test_a_refresher_that_died_is_replaced_after_its_lease(
    config: Config, store_id: UUID, clock: Clock
) -> None:
    keep(config, store_id, pair(clock, "first"))
    clock.advance(minutes=56)

    def dies() -> Secret:
        raise SystemExit

    with pytest.raises(SystemExit):
        freshener(config, dies).fresh(store_id, "shop", "acme")
    clock.advance(seconds=61)

    renewed = freshener(config, lambda: pair(clock, "second")).fresh(store_id, "shop", "acme")

    assert renewed and renewed.values["access_token"] == "second"


def test_a_dead_refresh_token_marks_the_connection_broken_once_and_for_all(
    config: Config, store_id: UUID, clock: Clock
) -> None:
    keep(config, store_id, pair(clock, "first"))
    clock.advance(hours=2)

    def refused() -> Secret:
        raise AccessLost("Open the app in Shopify to connect it again.")

    fresh = freshener(config, refused)
    for _ in range(2):
        with pytest.raises(AccessLost, match="Open the app"):
            fresh.fresh(store_id, "shop", "acme")

    keep(config, store_id, pair(clock, "reconnected"))
    again = fresh.fresh(store_id, "shop", "acme")
    assert again and again.values["access_token"] == "reconnected"


def test_a_refused_token_is_renewed_before_the_connection_counts_as_broken(
    config: Config, store_id: UUID, clock: Clock
) -> None:
    """As when another worker has renewed it, and the shop's answer to that one was lost."""
    keep(config, store_id, pair(clock, "ended-by-a-renewal"))
    clock.advance(minutes=20)

    lose(store_id, "shop", "401", kept_at(config, store_id))
    renewing = freshener(config, lambda: pair(clock, "second"))
    renewed = renewing.fresh(store_id, "shop", "acme.myshopify.com")

    assert renewed and renewed.values["access_token"] == "second"
    clock.advance(seconds=5)
    lose(store_id, "shop", "401", kept_at(config, store_id))
    broken = stored(config, store_id)
    assert broken and broken.broken_reason == "401"


def test_a_renewal_that_came_too_late_leaves_the_pair_of_the_other_worker(
    config: Config, store_id: UUID, clock: Clock
) -> None:
    """As when a clock that is minutes ahead took the other's lease for over."""
    keep(config, store_id, pair(clock, "first"))
    clock.advance(minutes=56)

    def refused() -> Secret:
        keep(config, store_id, pair(clock, "second"))
        raise AccessLost("This refresh token has been used.")

    with pytest.raises(AccessLost):
        freshener(config, refused).fresh(store_id, "shop", "acme")

    kept = stored(config, store_id)
    assert kept and (kept.values["access_token"], kept.broken_reason) == ("second", None)


def test_a_quiet_store_is_refreshed_before_its_refresh_token_dies(
    config: Config, store_id: UUID, clock: Clock
) -> None:
    keep(config, store_id, pair(clock, "first"))
    fresh = freshener(config, lambda: pair(clock, "second"))
    assert fresh.quiet() == []

    clock.advance(days=77)
    assert fresh.quiet() == [(store_id, "shop")]
    fresh.refresh(store_id, "shop", "acme")

    assert fresh.quiet() == []


def test_a_secret_at_rest_cannot_be_read(config: Config, store_id: UUID, clock: Clock) -> None:
    keep(config, store_id, pair(clock, "shpat_plain"))

    with store_transaction(store_id) as session:
        raw = session.connection().exec_driver_sql("SELECT sealed FROM credentials").scalar_one()

    assert b"shpat_plain" not in bytes(raw)
