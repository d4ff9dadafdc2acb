"""docs/faults.md: what was done to the system, what came of it, and what has not been tried yet."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from app import clock
from app.launch import ROOT
from app.messages.claim import LEASE
from tests.benchmarks.measure import machine
from tests.faults.campaign import ALONE, EVERY
from tests.faults.ledger import Played, together
from tests.faults.outcome import Outcome
from tests.faults.storm import GRACE, SPEED, Plan

TEMPLATE = Path(__file__).with_name("page.md")
PAGE = ROOT / "docs" / "faults.md"
HEAD = (
    "| fault | what was done | runs | webhooks accepted | of them repeats | not taken | orders"
    " | orders missing | messages due | lost | twice | after purchase | after opt-out"
    " | too late | codes shown | codes lost or twice | opt-outs not passed on | never told"
    " | at rest after |",
    "|---|---|" + "---:|" * 17,
)


def write(played: Sequence[Played], plan: Plan) -> None:
    """Write the page of all that was ever played."""
    PAGE.write_text(told(played, plan), encoding="utf-8")


def told(played: Sequence[Played], plan: Plan) -> str:
    """The page."""
    runs = Counter(each.outcome.scene for each in played)
    names = [name for name in (*EVERY, *ALONE) if runs[name]]
    outcomes = [together(_of(played, name)) for name in names]
    return TEMPLATE.read_text(encoding="utf-8").format(
        day=clock.machine_time().date(),
        machine=machine(),
        plan=plan,
        speed=SPEED,
        grace=GRACE,
        lease=LEASE.total_seconds() / SPEED,
        table="\n".join([*HEAD, *(_row(each, runs[each.scene]) for each in outcomes)]),
        total=_total(outcomes, runs),
        runs=_runs(played),
        due=sum(outcome.due for outcome in outcomes),
        untold=sum(outcome.untold for outcome in outcomes),
        given_up=sum(outcome.given_up for outcome in outcomes),
        overheard=sum(outcome.overheard for outcome in outcomes),
        in_the_call=sum(outcome.in_the_call for outcome in outcomes),
        absent="; ".join(sorted({*EVERY, *ALONE} - {*names})) or "none",
    )


def _of(played: Sequence[Played], scene: str) -> list[Outcome]:
    return [each.outcome for each in played if each.outcome.scene == scene]


def _runs(played: Sequence[Played]) -> str:
    """A line for each run: its day, its commit, its size."""
    runs = Counter((each.day, each.commit, each.people) for each in played)
    return "\n".join(
        f"- {day}, commit {commit}: {count} scenes with {people} shoppers in each"
        for (day, commit, people), count in runs.items()
    )


def _row(outcome: Outcome, runs: int) -> str:
    done = outcome.done + (f"; ended by itself: {outcome.crashed}" if outcome.crashed else "")
    cells = [outcome.scene, done, runs, *_counts(outcome), f"{outcome.settled_in:.1f} s"]
    return f"| {' | '.join(map(str, cells))} |"


def _total(outcomes: Sequence[Outcome], runs: Counter[str]) -> str:
    sums = [sum(column) for column in zip(*map(_counts, outcomes), strict=True)]
    return f"| **all** | | {runs.total()} | {' | '.join(map(str, sums))} | |"


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
