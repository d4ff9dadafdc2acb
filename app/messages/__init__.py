"""Messages: planned, rendered, checked against the truth, sent once, and followed."""

from app.messages.attention import Asked, Attention, attention
from app.messages.books import ask_the_books
from app.messages.choices import answer_survey, choose, opt_out_by_link
from app.messages.chosen_hours import count_by_hour
from app.messages.erasing import erase_due
from app.messages.inbound import apply_inbound, take_inbound
from app.messages.links import Followed, follow, target_of
from app.messages.plan import PlanRequest, plan, plan_many
from app.messages.polling import poll_receipts
from app.messages.profiles import upsert_due
from app.messages.receipts import apply_receipts, take_receipts
from app.messages.recommend import Pick, recommend
from app.messages.send import send_due
from app.messages.tokens import Resolved, read_survey, read_unsubscribe, resolve
from app.messages.unconfirmed import doubt
from app.messages.writebacks import write_back_due

__all__ = [
    "Asked",
    "Attention",
    "Followed",
    "Pick",
    "PlanRequest",
    "Resolved",
    "answer_survey",
    "apply_inbound",
    "apply_receipts",
    "ask_the_books",
    "attention",
    "choose",
    "count_by_hour",
    "doubt",
    "erase_due",
    "follow",
    "opt_out_by_link",
    "plan",
    "plan_many",
    "poll_receipts",
    "read_survey",
    "read_unsubscribe",
    "recommend",
    "resolve",
    "send_due",
    "take_inbound",
    "take_receipts",
    "target_of",
    "upsert_due",
    "write_back_due",
]
