"""A worker's time: nine parts for what keeps a promise, one for the rest."""

from collections import Counter

from workers.turns import Turns

URGENT, PATIENT = ("inbox", "messages"), ("rhythm", "health", "retention")


def worked(waiting: set[str], jobs: int, seconds: dict[str, float]) -> list[str]:
    """The duties that get the next jobs while these always wait."""
    turns, done = Turns(URGENT, PATIENT), []
    for _ in range(jobs):
        duty = next(each for each in turns.order() if each in waiting)
        turns.took(duty, seconds.get(duty, 0.1))
        done.append(duty)
    return done


def test_with_urgent_work_without_end_a_tenth_of_the_time_is_for_the_rest() -> None:
    done = worked({"inbox", *PATIENT}, 5_000, {"inbox": 0.03, "rhythm": 0.2, "health": 0.05})

    spent = Counter[str]()
    for duty in done:
        spent[duty] += {"inbox": 30, "rhythm": 200, "health": 50}.get(duty, 100)
    assert 0.09 < (spent.total() - spent["inbox"]) / spent.total() < 0.11
    times = Counter(done)
    assert max(times[duty] for duty in PATIENT) - min(times[duty] for duty in PATIENT) <= 1


def test_among_the_urgent_the_first_is_always_first() -> None:
    assert set(worked({"inbox", "messages"}, 50, {})) == {"inbox"}


def test_a_long_patient_job_is_paid_back_before_the_next() -> None:
    done = worked({"inbox", "health"}, 100, {"health": 10.0})

    assert done.count("health") == 1
    assert done[1] == "health"


def test_time_that_nobody_asked_for_is_not_saved_up() -> None:
    turns = Turns(URGENT, PATIENT)
    for _ in range(1_000):
        turns.took("inbox", 30.0)

    turns.took("health", 1.5)

    assert turns.order()[0] == "inbox"
