"""`make faults`: a storm over the real system; adds to docs/faults.md; not 0 when a law was broken.

`--short` plays the scene of the suite, writes nothing and prints its figures as JSON.
"""

import argparse
import json
import signal
import sys
from collections.abc import Collection, Iterator
from dataclasses import asdict

from tests.faults import ledger, page
from tests.faults.campaign import ALONE, EVERY
from tests.faults.outcome import Outcome
from tests.faults.scenes import SHORT
from tests.faults.storm import Plan, play

NAMES = (*EVERY, *ALONE)
PER_SECOND = 10
"""Shoppers that arrive in a second when there are many: about what two cores get through, the
city's own work included."""


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join(NAMES))
    parser.add_argument("--people", type=int, default=Plan.people, help="shoppers in each scene")
    parser.add_argument("--write", action="store_true", help="keep chosen scenes as well")
    parser.add_argument("--fresh", action="store_true", help="forget what was played before")
    parser.add_argument("--short", action="store_true", help="the scene of the suite")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """The exit code: 1 when anything was lost, doubled or late."""
    options = _options(arguments)
    if options.short:
        # Without WooCommerce, whose lost words take half an hour of the city's clock to be found.
        short = Plan(people=16, shopping=2.0, thinking=(3.0, 4.0), shops=2)
        return int(sum(outcome.broken for outcome in play(SHORT, short, tell)) > 0)
    chosen = options.scenes or NAMES
    if options.fresh:
        ledger.FILE.unlink(missing_ok=True)
    plan = Plan(
        people=options.people,
        shopping=max(Plan.shopping, options.people / PER_SECOND),
        seed=Plan.seed + len(ledger.played()),
    )
    broken = 0
    for outcome in _played(chosen, plan):
        broken += outcome.broken
        if options.write or not options.scenes:
            ledger.keep([outcome], 0 if outcome.scene in ALONE else plan.people)
            page.write(ledger.played(), plan)
    return int(broken > 0)


def _played(chosen: Collection[str], plan: Plan) -> Iterator[Outcome]:
    together = {name: EVERY[name] for name in chosen if name not in ALONE}
    if together:
        yield from play(together, plan, tell)
    for name in chosen:
        if name in ALONE:
            outcome = ALONE[name]()
            tell(json.dumps(asdict(outcome)))
            yield outcome


def _leave(*_: object) -> None:
    sys.exit("The storm was called off.")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)  # What was started must be stopped.
    raise SystemExit(main(sys.argv[1:]))
