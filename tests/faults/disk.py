"""A disk without room. A small file system of its own needs rights that an ordinary user has not,
so the tables themselves refuse every write with what PostgreSQL says then: SQLSTATE 53100."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.machine import Machine
from tests.faults.scenes import Deed, Done, Ground

INBOX = ("webhooks",)
WHOLE = ("webhooks", "event_log", "journeys", "messages", "decisions", "orders", "carts", "offers")
_FULL = """
    CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION USING ERRCODE = 'disk_full',
            MESSAGE = 'could not extend file: No space left on device';
    END $$
"""


@contextmanager
def full_disk(machine: Machine, *tables: str) -> Iterator[None]:
    """Inside, nothing can be written to these tables."""
    machine.command(_FULL)
    for table in tables:
        machine.command(
            f"CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION no_room()"
        )
    try:
        yield
    finally:
        for table in tables:
            machine.command(f"DROP TRIGGER IF EXISTS no_room ON {table}")


def fill_the_disk(here: Ground) -> Done:
    """Now the inbox's tables alone, now all that grow; also between a call and its record."""
    times = 0
    while here.pause(0.5, 2.0):
        with full_disk(here.machine, *here.dice.choice((INBOX, WHOLE))):
            here.pause(1.0, 3.0)
        times += 1
    return Done(times, f"{times} times for 1 to 3 s every write refused with 53100, disk full")


DISK_SCENES: dict[str, Deed] = {"the disk full": fill_the_disk}
