"""What a customer spends at a time, against what was published and against a second program."""

from importlib import import_module

import numpy as np
import pytest

from app.science.buying import Buying
from app.science.peak import NotFitted
from app.science.purchases import Buyers, buyers
from app.science.spending import Spending, correlation, fit_spending
from tests.unit.science import cdnow
from tests.unit.science.town import simulate


@pytest.fixture(scope="module")
def known() -> Buyers:
    return buyers(cdnow.sample().until(cdnow.CALIBRATED), cdnow.CALIBRATED)


def test_gamma_gamma_finds_what_was_published_of_cdnow(known: Buyers) -> None:
    repeats = known.histories.repeats
    mean = known.repeat_spent / np.maximum(repeats, 1)

    found = fit_spending(repeats, mean)

    model = found.model
    assert found.people == 946
    published = (6.25, 3.74, 15.44)  # Fader and Hardie 2013.
    assert (model.p, model.q, model.gamma) == pytest.approx(published, abs=5e-3)
    assert found.log_likelihood == pytest.approx(-4055.918, abs=1e-2)
    assert correlation(repeats, mean) == pytest.approx(0.114, abs=1e-3)


def test_what_is_expected_is_that_of_a_second_program(known: Buyers) -> None:
    repeats = known.histories.repeats
    mean = known.repeat_spent / np.maximum(repeats, 1)
    model = fit_spending(repeats, mean).model
    theirs = import_module("lifetimes").GammaGammaFitter()
    theirs.params_ = {"p": model.p, "q": model.q, "v": model.gamma}

    expected = theirs.conditional_expected_average_profit(repeats, mean)

    assert model.expected(repeats, mean) == pytest.approx(np.asarray(expected), rel=1e-9)


def test_who_has_spent_nothing_is_expected_to_spend_what_all_do() -> None:
    model = Spending(p=6.0, q=4.0, gamma=15.0)

    found = model.expected(np.array([0, 1, 1000]), np.array([0.0, 200.0, 200.0]))

    assert found[0] == pytest.approx(6 * 15 / 3)
    assert found[0] < found[1] < found[2]
    assert found[2] == pytest.approx(200, rel=0.01)


def test_purchases_for_nothing_are_left_out_and_the_unit_of_money_is_free(known: Buyers) -> None:
    repeats = known.histories.repeats
    mean = known.repeat_spent / np.maximum(repeats, 1)

    cents = fit_spending(np.append(repeats, 3), np.append(mean, 0.0) * 100)

    euros = fit_spending(repeats, mean)
    assert cents.people == euros.people
    assert cents.model.gamma == pytest.approx(100 * euros.model.gamma, rel=1e-3)
    assert cents.model.q == pytest.approx(euros.model.q, rel=1e-3)


def test_a_store_where_everything_costs_the_same_is_no_error() -> None:
    found = fit_spending(np.array([1, 2, 2, 3]), np.array([5.0, 5.0, 5.0, 5.0]))

    assert found.model.expected(np.array([1]), np.array([5.0]))[0] == pytest.approx(5.0, rel=1e-3)


def test_nobody_who_spends_is_no_model() -> None:
    with pytest.raises(NotFitted, match="nobody has spent"):
        fit_spending(np.array([1, 0]), np.array([0.0, 7.0]))


def test_amounts_are_told_back() -> None:
    bought = simulate(Buying(r=2, alpha=40, a=0.5, b=4), people=2_000, days=400)
    known = buyers(bought, 400)

    found = fit_spending(known.times, known.spent / known.times).model

    told = found.expected(known.times, known.spent / known.times)
    assert told.mean() == pytest.approx(40, rel=0.05)
    # All customers spend alike there, so nobody's own mean says much.
    assert told.std() < 0.25 * (known.spent / known.times).std()
