"""`make faults`: a storm over the real system; writes docs/faults.md; not 0 when a law was broken.

`--short` plays the scene of the suite, writes nothing and prints its figures as JSON.
"""

import signal
import sys

from tests.faults import page
from tests.faults.scenes import SCENES, SHORT
from tests.faults.storm import Plan, play


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """The exit code: 1 when anything was lost, doubled or late."""
    if "--short" in arguments:
        short = Plan(people=16, shopping=3.0, thinking=(3.0, 5.0))
        return int(any(outcome.broken for outcome in play(SHORT, short, tell)))
    chosen = {name: SCENES[name] for name in arguments} or SCENES
    plan = Plan()
    outcomes = play(chosen, plan, tell)
    if not arguments:
        page.write(outcomes, plan)
    return int(any(outcome.broken for outcome in outcomes))


def _leave(*_: object) -> None:
    sys.exit("The storm was called off.")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)  # What was started must be stopped.
    raise SystemExit(main(sys.argv[1:]))
