"""The risk of a segment is what is predicted of its people, and else how many are silent."""

from decimal import Decimal

from app.models import SegmentDay
from app.segments.risk import By, Risk, risk_of


def day(people: int, predicted: int | None, risk: str | None) -> SegmentDay:
    share = None if risk is None else Decimal(risk)
    return SegmentDay(people=people, at_risk=5, predicted=predicted, churn_risk=share)


def test_what_is_predicted_comes_before_silence_and_both_say_of_how_many() -> None:
    assert risk_of(day(20, 8, "64.5")) == Risk(By.PREDICTION, 0.645, 8)
    assert risk_of(day(20, 0, None)) == Risk(By.SILENCE, 0.25, 20)
    assert risk_of(day(20, None, None)) == Risk(By.SILENCE, 0.25, 20), "a day of before"
    assert risk_of(day(0, 0, None)) is None
