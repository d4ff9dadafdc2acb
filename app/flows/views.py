"""A journey's row as the pure core sees it."""

from app.flows.effects import JourneyView
from app.models import Journey


def view(journey: Journey) -> JourneyView:
    return JourneyView(
        journey_id=journey.journey_id,
        flow_id=journey.flow_id,
        customer_id=journey.customer_id,
        arm=journey.arm,
        step=journey.step,
        step_since=journey.step_since,
        entered_at=journey.entered_at,
        context=journey.context,
    )
