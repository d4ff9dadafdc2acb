"""The benchmark at a size that says nothing: what it proves on the way is the point."""

import pytest

from app import db, jobs
from tests.benchmarks.__main__ import main
from tests.benchmarks.measure import TINY, sized
from tests.benchmarks.page import growth
from tests.conftest import Machine

PARTS = ("intake", "apply", "steps", "send", "standing", "segments")
"""Not `refresh`, `forecast` and `recommend`: each starts a process of its own to measure memory.
Not `pages`: `tests/browser` opens them."""


@pytest.fixture
def elsewhere(database: Machine) -> object:
    """The benchmark has servers of its own and leaves this process connected to nothing."""
    yield
    db.connect(database.app_url)
    jobs.connect(database.redis_url)


def test_every_part_runs_and_proves_what_it_measures(elsewhere: object) -> None:
    # One run, so that servers are started once. `ending` starts seven processes: too slow here.
    figures = main(TINY, PARTS)

    # A contender that refuses, loses or doubles a webhook stops the run; so does a lost order or
    # mail.
    names = {figure.what.partition(":")[0] for figure in figures}
    contenders = {figure.what for figure in figures if figure.unit == "webhooks/s"}
    assert names == set(PARTS)
    assert {"intake: Comeback", "intake: Comeback, Shopify and WooCommerce"} <= contenders
    assert "intake: Flask + RQ (appendfsync always)" in contenders
    assert all(figure.rounds and figure.median > 0 for figure in figures)


def test_a_size_is_an_argument() -> None:
    sizes = sized(TINY, ["people=10,100", "steps=7"])

    assert (sizes.people, sizes.steps, sizes.apply) == ((10, 100), 7, TINY.apply)


def test_the_page_sets_each_size_against_one_of_a_tenth() -> None:
    assert list(growth(["refresh: all, 1,000 customers", "apply: 1 store, 1 worker"])) == [
        ("refresh: all, 10,000 customers", "refresh: all, 1,000 customers")
    ]
