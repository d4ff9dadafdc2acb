"""Messages: planned, rendered, checked against the truth, sent once, and followed."""

from app.messages.plan import PlanRequest, plan

__all__ = ["PlanRequest", "plan"]
