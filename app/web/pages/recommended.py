"""What would be recommended to a person now, and why, as their page shows it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.customers.snapshot import Snapshot
from app.messages import Pick, recommend
from app.science.recommending import Again
from app.web.shown import t


@dataclass(frozen=True, slots=True)
class Shown:
    title: str
    price_minor: int | None
    why: str


def recommended_to(session: Session, person: Snapshot) -> list[Shown]:
    """Of both purposes, what is due first."""
    picked = recommend(session, [person])[person.customer_id]
    return [
        Shown(pick.product.title, pick.product.price_minor, _why(pick))
        for pick in (*picked.replenish, *picked.discover)
    ]


def _why(pick: Pick) -> str:
    if isinstance(pick.why, Again):
        days = round(pick.why.gap)
        if pick.why.own:
            return t("recommended.own_gap", days=days)
        return t("recommended.usual_gap", days=days)
    if pick.because:
        return t("recommended.together", title=pick.because)
    return t("recommended.sells")
