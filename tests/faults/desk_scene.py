"""The scene in which a store cannot send for so long that whoever runs the app must hear of it."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

from app import jobs
from app.inbox.findings import Code
from app.stores.install import save_channel
from tests.faults.scenes import Deed, Done, Ground
from tests.waiting import until

LONGEST = 120.0
"""Seconds of the machine: after the half hour that a trouble must stay away, about thirty."""
AGAIN = 3.0
"""As long as it is looked at again and again, for a word that comes twice."""
BEGAN = Counter(["began by mail", "began by webhook"])
ENDED = Counter(["ended by mail", "ended by webhook"])


def cannot_send(here: Ground) -> Done:
    """The token of one account for texts is worn out until everybody's message has been due."""
    store_id, right = next((store, key) for store, key in here.city.keys if key.kind == "twilio")
    wrong = replace(right, values={**right.values, "auth_token": "worn out"})
    before = here.city.desk.heard(store_id, Code.CHANNEL_BROKEN)
    save_channel(here.machine.config, store_id, wrong)
    try:
        _is_told(here, store_id, before + BEGAN)
        here.live_until(here.over)
    finally:
        save_channel(here.machine.config, store_id, right)
    took = _is_told(here, store_id, before + BEGAN + ENDED)
    return Done(
        1,
        "one shop's account for texts refuses our token; its operator hears of it once by mail and"
        f" once by webhook, and once each, {took:.0f} s after it was mended, that it is over",
    )


def _is_told(here: Ground, store_id: UUID, expected: Counter[str]) -> float:
    """The seconds until the operator had heard this; looked at again, they hear nothing more."""

    def heard() -> Counter[str]:
        jobs.nudge("health", store_id)  # The ticker's five minutes are the machine's.
        return here.city.desk.heard(store_id, Code.CHANNEL_BROKEN)

    took = until(lambda: heard() >= expected, LONGEST, every=0.5)
    for _ in range(int(AGAIN)):
        here.pause(1.0, 1.0)
        assert heard() == expected, f"The operator heard {heard()} and not {expected}."
    return took


DESK_SCENES: dict[str, Deed] = {"a store that cannot send": cannot_send}
