"""What each sign of leaving says, in the catalogue of facts."""

from collections.abc import Mapping
from types import MappingProxyType

from app.customers.signals import Signal

SIGNS: Mapping[Signal, str] = MappingProxyType(
    {
        Signal.SILENT: "no sign of life for as long as the store's settings say, 45 days",
        Signal.LOW_SCORE: "the latest score, of the last 90 days, is a low one",
        Signal.SCORE_FELL: "the latest score, of the last 90 days, fell by 2 points or more",
        Signal.CART_LEFT: "a cart was left behind and nothing bought since",
        Signal.LOGINS_DOWN: "less than half as many logged_in in 30 days as in those before",
        Signal.USE_DOWN: "less than half as many feature_used in 30 days as in those before",
        Signal.TICKETS_UP: "2 or more ticket_opened in 30 days, and more than in those before",
        Signal.PAYMENT_FAILED: "payment_failed in the last 30 days, nothing paid or bought since",
        Signal.COMPLAINED: "complaint_made in the last 30 days",
        Signal.NO_ANSWER: "2 or more contact_unanswered in the last 30 days",
        Signal.LEAVING: "cancellation_sought in the last 30 days",
        Signal.COMPARING: "competitor_compared in the last 30 days",
    }
)
