"""Several web processes on one port: each has callers, none is missed, none is left behind."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from app.config import Config
from tests.integration.operations.processes import Process, running, wait_for_web
from tests.waiting import until

CALLERS = 40


@pytest.fixture
def settings(settings: Config) -> Config:
    return settings.model_copy(update={"web_workers": 2})


def workers(web: Process) -> set[int]:
    """The processes that serve; Python's own tracker is a child as well."""
    children = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
    return {int(pid) for pid in children if "spawn_main" in _command(int(pid))}


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return ""


def sockets(pid: int) -> int:
    """How many sockets the process holds."""
    found = [os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.exists()]
    return sum(link.startswith("socket:") for link in found)


def listening(config: Config) -> int:
    """How many sockets listen on the port (proc(5), /proc/net/tcp: state 0A)."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    asked = f":{config.port:04X}"
    return sum(line.split()[1].endswith(asked) and line.split()[3] == "0A" for line in lines)


def test_callers_are_spread_and_the_dead_are_replaced_and_nobody_outlives_the_first_process(
    settings: Config,
) -> None:
    with running("web", settings) as web:
        until(lambda: listening(settings) == 2)
        before = {pid: sockets(pid) for pid in workers(web)}
        lines = [httpx.Client(trust_env=False) for _ in range(CALLERS)]
        for line in lines:
            line.get(f"{settings.public_url}/healthz").raise_for_status()
        taken = {pid: sockets(pid) - count for pid, count in before.items()}
        for line in lines:
            line.close()

        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        until(lambda: len(workers(web) - {victim}) == 2 and listening(settings) == 2)
        wait_for_web(settings)

        os.kill(web.pid, signal.SIGKILL)
        until(lambda: listening(settings) == 0)

    # By chance one of the two would have fewer than five of forty once in a million.
    assert min(taken.values()) >= 5, taken


def test_a_second_app_on_the_same_port_is_told_so(settings: Config) -> None:
    with running("web", settings.model_copy(update={"web_workers": 1})):
        until(lambda: listening(settings) == 1)
        with running("web", settings) as second:
            assert second.ended() != 0

    assert f"PORT: nothing can listen on 127.0.0.1:{settings.port}" in "".join(second.said)
