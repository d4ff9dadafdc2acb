"""How good a forecast was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from app.science.judging import AllAlike, judge

forecasts = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.1, 0.25, 0.5, 0.9, 1.0]), st.booleans()), min_size=2
).filter(lambda rows: len({did for _, did in rows}) == 2)


@given(forecasts)
def test_rank_and_error_are_those_of_a_second_program(rows: list[tuple[float, bool]]) -> None:
    told, did = (np.array(column) for column in zip(*rows, strict=True))

    found = judge(told, did)

    assert found.auc == pytest.approx(roc_auc_score(did, told))
    assert found.brier == pytest.approx(brier_score_loss(did, told))
    assert sum(one.people for one in found.bins) == found.people == len(rows)
    assert sum(one.people * one.happened for one in found.bins) == pytest.approx(found.happened)


def test_a_forecast_that_knows_is_perfect_and_one_that_tells_the_rate_has_no_skill() -> None:
    did = np.arange(100) < 10

    knows, rate = judge(did.astype(float), did), judge(np.full(100, 0.1), did)

    assert (knows.auc, knows.brier, knows.skill, knows.lift) == (1, 0, 1, 10)
    assert (rate.auc, rate.skill, rate.lift) == pytest.approx((0.5, 0, 1))
    assert len(rate.bins) == 1


def test_who_is_told_the_same_shares_the_places_of_the_first_tenth() -> None:
    told = np.array([0.9] * 5 + [0.5] * 20 + [0.1] * 75)
    did = np.zeros(100, bool)
    did[:5] = did[5:15] = True

    # The first tenth: the five, who all did, and five of twenty, of whom half did.
    assert judge(told, did).lift == pytest.approx((5 + 2.5) / 10 / 0.15)


@pytest.mark.parametrize("did", [[False, False], [True, True]])
def test_nothing_can_be_judged_when_all_did_the_same(did: list[bool]) -> None:
    with pytest.raises(AllAlike, match=f"{sum(did)} of 2"):
        judge(np.array([0.2, 0.8]), np.array(did))
