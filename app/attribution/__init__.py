"""Credit: which message an order owes its money to, within a window, refunds taken back."""

from app.attribution.batch import credit_orders
from app.attribution.credit import credit_order
from app.attribution.recount import recount
from app.attribution.summary import Earned, FlowSummary, summary

__all__ = ["Earned", "FlowSummary", "credit_order", "credit_orders", "recount", "summary"]
