"""Journeys: who enters, what is decided at every step, and why."""

from app.flows.advance import advance_due
from app.flows.calls import call_due, signing_secret
from app.flows.due import enter_due
from app.flows.explain import explain
from app.flows.leave import end_all, end_for
from app.flows.members import remember_history
from app.flows.named import archive_segment, keep_segment
from app.flows.place import FlowInvalid, Problem
from app.flows.triggers import fire
from app.flows.versions import (
    FlowLine,
    Imported,
    activate,
    export_flow,
    import_flow,
    list_flows,
    pause,
    reached,
    validate_file,
)

__all__ = [
    "FlowInvalid",
    "FlowLine",
    "Imported",
    "Problem",
    "activate",
    "advance_due",
    "archive_segment",
    "call_due",
    "end_all",
    "end_for",
    "enter_due",
    "explain",
    "export_flow",
    "fire",
    "import_flow",
    "keep_segment",
    "list_flows",
    "pause",
    "reached",
    "remember_history",
    "signing_secret",
    "validate_file",
]
