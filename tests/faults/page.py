"""docs/faults.md: what was done to the system, what came of it, and what has not been tried yet."""

from collections.abc import Sequence
from pathlib import Path

from app import clock
from app.launch import ROOT
from app.messages.claim import LEASE
from tests.benchmarks.measure import machine
from tests.faults.campaign import ALONE, EVERY
from tests.faults.outcome import Outcome
from tests.faults.storm import GRACE, SPEED, Plan

TEMPLATE = Path(__file__).with_name("page.md")
PAGE = ROOT / "docs" / "faults.md"
HEAD = (
    "| fault | what was done | webhooks accepted | of them repeats | not taken | orders"
    " | orders missing | messages due | lost | twice | after purchase | after opt-out"
    " | too late | codes shown | codes lost or twice | opt-outs not passed on | never told"
    " | at rest after |",
    "|---|---|" + "---:|" * 16,
)


def write(outcomes: Sequence[Outcome], plan: Plan) -> str:
    """Write the page and return it."""
    clock.use(None)
    page = TEMPLATE.read_text(encoding="utf-8").format(
        day=clock.now().date(),
        machine=machine(),
        plan=plan,
        speed=SPEED,
        grace=GRACE,
        lease=LEASE.total_seconds() / SPEED,
        table="\n".join([*HEAD, *map(_row, outcomes), _total(outcomes)]),
        due=sum(outcome.due for outcome in outcomes),
        untold=sum(outcome.untold for outcome in outcomes),
        given_up=sum(outcome.given_up for outcome in outcomes),
        overheard=sum(outcome.overheard for outcome in outcomes),
        in_the_call=sum(outcome.in_the_call for outcome in outcomes),
        absent="; ".join(sorted({*EVERY, *ALONE} - {outcome.scene for outcome in outcomes}))
        or "none",
    )
    PAGE.write_text(page, encoding="utf-8")
    return page


def _row(outcome: Outcome) -> str:
    done = outcome.done + (f"; ended by itself: {outcome.crashed}" if outcome.crashed else "")
    cells = [outcome.scene, done, *_counts(outcome), f"{outcome.settled_in:.1f} s"]
    return f"| {' | '.join(map(str, cells))} |"


def _total(outcomes: Sequence[Outcome]) -> str:
    sums = [sum(column) for column in zip(*map(_counts, outcomes), strict=True)]
    return f"| **all** | | {' | '.join(map(str, sums))} | |"


def _counts(outcome: Outcome) -> list[int]:
    return [
        outcome.accepted + outcome.repeats,
        outcome.repeats,
        outcome.unanswered,
        outcome.orders,
        outcome.orders_missing + outcome.webhooks_unsettled,
        outcome.due,
        outcome.lost,
        outcome.duplicated,
        outcome.after_purchase,
        outcome.after_opt_out,
        outcome.expired,
        outcome.codes,
        outcome.codes_lost + outcome.codes_doubled,
        outcome.refusals_untold,
        outcome.untold,
    ]
