"""Turns facts into the state of every customer: who they are, what they agreed to and did."""

from app.customers.apply import apply
from app.customers.changes import Change, ChangeKind, Incoming
from app.customers.choices import record_choice
from app.customers.consent import consent_now
from app.customers.entries import Entry, EntryKind, Page, Place
from app.customers.erase import erase_customer
from app.customers.everybody import ask_for_a_walk, put_off_walk, walk
from app.customers.export import export_customer
from app.customers.find import find_customer, find_people
from app.customers.forecasting import (
    claim_learning,
    clusters_before,
    ground_of,
    keep_study,
    put_off_forecasts,
    study_of,
)
from app.customers.predictions import tell_part
from app.customers.rebuild import rebuild
from app.customers.silent import Silence, silent_people
from app.customers.snapshots import load_snapshots
from app.customers.suppression import is_suppressed, lift, suppress
from app.customers.sweeps import sweep_carts
from app.customers.timeline import timeline

__all__ = [
    "Change",
    "ChangeKind",
    "Entry",
    "EntryKind",
    "Incoming",
    "Page",
    "Place",
    "Silence",
    "apply",
    "ask_for_a_walk",
    "claim_learning",
    "clusters_before",
    "consent_now",
    "erase_customer",
    "export_customer",
    "find_customer",
    "find_people",
    "ground_of",
    "is_suppressed",
    "keep_study",
    "lift",
    "load_snapshots",
    "put_off_forecasts",
    "put_off_walk",
    "rebuild",
    "record_choice",
    "silent_people",
    "study_of",
    "suppress",
    "sweep_carts",
    "tell_part",
    "timeline",
    "walk",
]
