"""`make bench`: measure everything in one run on this machine and write docs/benchmarks.md.

`full` is the size that counts; `--tiny` is one that says nothing, and writes nothing. Names of
parts after it run only those, `name=number` sets a size: `full refresh people=10000,1000000`.
"""

import sys
import time
from collections.abc import Sequence

from rich.console import Console
from sqlalchemy import text

from app import clock, db, jobs
from tests.benchmarks import (
    apply,
    ending,
    forecast,
    intake,
    page,
    pages,
    recommend,
    refresh,
    segments,
    send,
    sizing,
    standing,
    steps,
)
from tests.benchmarks.ground import ground
from tests.benchmarks.measure import TINY, Figure, Sizes, sized

PARTS = (
    intake,
    apply,
    steps,
    send,
    refresh,
    standing,
    forecast,
    segments,
    recommend,
    pages,
    sizing,
    ending,
)
console = Console()


def main(sizes: Sizes, names: Sequence[str] = ()) -> list[Figure]:
    """Run every part; the page is written at the end, or not at all."""
    figures: list[Figure] = []
    with ground() as here:
        for part in PARTS:
            if names and part.__name__.rpartition(".")[2] not in names:
                continue
            began = time.perf_counter()
            figures += part.measure(here, sizes)
            console.print(f"{part.__name__} took {time.perf_counter() - began:.0f} s")
        servers = _servers()
    clock.use(None)
    for figure in figures:
        console.print(f"{figure.what}: {figure.median:,.0f} {figure.unit} ({figure.spread})")
    if sizes.rounds > 1:
        page.write(figures, sizes, servers)
    return figures


def _servers() -> str:
    with db.engine().connect() as connection:
        postgres = connection.execute(text("SHOW server_version")).scalar_one()
        durable = connection.execute(text("SHOW fsync")).scalar_one()
    told = jobs.redis().info("server")
    valkey = told.get("valkey_version") or told["redis_version"]
    return f"PostgreSQL {postgres} (`fsync` {durable}), Valkey {valkey}"


if __name__ == "__main__":
    size, *wanted = sys.argv[1:] or ["full"]
    given = [word for word in wanted if "=" in word]
    names = [word for word in wanted if "=" not in word]
    main(sized(TINY if size == "--tiny" else Sizes(), given), names)
