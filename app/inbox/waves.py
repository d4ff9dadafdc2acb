"""Once a day the trials of a flow look at what came of their ways, and share out anew."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.experiments.making import make_wave
from app.flows.trials import read_trials
from app.stores.lifecycle import this_store
from app.tenancy import store_transaction


def make_waves(store_id: UUID, flow_id: UUID, now: datetime) -> None:
    """The day's wave of each, once, whoever comes first."""
    with store_transaction(store_id) as session:
        day = now.astimezone(ZoneInfo(this_store(session).timezone)).date()
        for trial in read_trials(session, flow_id):
            make_wave(session, trial, day, now)
