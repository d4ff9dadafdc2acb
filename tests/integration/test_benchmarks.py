"""The benchmark's intake, at a size that says nothing: what it proves on the way is the point."""

import pytest

from app import db, jobs
from tests.benchmarks.__main__ import main
from tests.benchmarks.measure import TINY
from tests.conftest import Machine


@pytest.fixture
def elsewhere(database: Machine) -> object:
    """The benchmark has servers of its own and leaves this process connected to nothing."""
    yield
    db.connect(database.app_url)
    jobs.connect(database.redis_url)


def test_every_contender_takes_all_webhooks_and_keeps_each_once(elsewhere: object) -> None:
    figures = main(TINY, ["intake"])

    # A contender that refuses, loses or doubles a webhook stops the run.
    names = {figure.what for figure in figures if figure.unit == "webhooks/s"}
    assert {"intake: Comeback", "intake: Comeback, Shopify and WooCommerce"} <= names
    assert "intake: Flask + RQ (appendfsync always)" in names
    assert all(figure.median > 0 for figure in figures)
