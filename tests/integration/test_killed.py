"""What a killed worker had asked of the database ends soon after it, and lets go of its locks."""

import os
import socket
from threading import Thread
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.tenancy import store_transaction
from tests.waiting import until

ASKED = "SELECT pg_sleep(600) AS what_the_dead_asked"
AT_IT = text("SELECT count(*) FROM pg_stat_activity WHERE query = :query")


def at_it(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        return int(session.execute(AT_IT, {"query": ASKED}).scalar_one())


def test_a_statement_ends_with_whoever_asked_it(store_id: UUID) -> None:
    lines: list[int] = []
    worker = Thread(target=ask_for_long, args=(store_id, lines))
    worker.start()
    until(lambda: at_it(store_id) == 1)

    with socket.socket(fileno=os.dup(lines[0])) as line:
        line.shutdown(socket.SHUT_RDWR)  # As the kernel does for a process that was killed.
    worker.join()

    until(lambda: at_it(store_id) == 0)


def ask_for_long(store_id: UUID, lines: list[int]) -> None:
    try:
        with store_transaction(store_id) as session:
            lines.append(line_of(session))
            session.execute(text(ASKED))
    except OperationalError:
        return


def line_of(session: Session) -> int:
    return int(session.connection().connection.driver_connection.fileno())  # type: ignore[union-attr]
