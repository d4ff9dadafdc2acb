"""Reading how a step learns which of its ways is best: by what, and how long that may take."""

from collections.abc import Mapping
from datetime import timedelta

from app.experiments import Learning, Reward
from app.flows.place import Place

MOST_WAYS = 8
"""At a floor of five in a hundred, so that three fifths are left for the best."""
_WITHIN = {Reward.CLICKS: timedelta(days=3), Reward.ORDERS: timedelta(days=7)}
_SHORTEST, _LONGEST = timedelta(hours=1), timedelta(days=60)

BY_CLICKS = Learning(reward=Reward.CLICKS, within=_WITHIN[Reward.CLICKS])
BY_ORDERS = Learning(reward=Reward.ORDERS, within=_WITHIN[Reward.ORDERS])


def read_learning(found: Mapping[str, Place], usual: Learning) -> Learning:
    """From the fields `by` and `within`; by what is `usual` where the file does not say."""
    reward = Reward(found["by"].choice(*Reward)) if "by" in found else usual.reward
    within = found["within"].duration() if "within" in found else _WITHIN[reward]
    if not _SHORTEST <= within <= _LONGEST:
        found["within"].complain("write a time from 1 hour to 60 days")
    return Learning(reward=reward, within=within)
