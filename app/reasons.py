"""Why something was or was not sent: one code for each reason, for records and for people.

Translations in four languages stand in `app/translations/reasons.yaml`; a test compares the two.
"""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of a step or a message, in one word for lists; the reason says why."""

    ENTERED = "entered"
    DONE = "done"
    WAITING = "waiting"
    SENT = "sent"
    MOVED = "moved"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    ENDED = "ended"


class Reason(StrEnum):
    """A decision's reason. The values compared are stored beside it, see `models.Decision`."""

    # Things done.
    ENTERED = "entered"
    WAITED = "waited"
    BRANCHED = "branched"
    SPLIT = "split"
    DRAWN = "drawn"
    DRAWN_BEFORE = "drawn_before"
    PLANNED = "planned"
    SENT = "sent"
    OFFER_MADE = "offer_made"
    TASK_MADE = "task_made"
    NOTIFIED = "notified"
    TAGGED = "tagged"
    CALLED = "called"
    COMPLETED = "completed"

    # Refused at the door.
    FILTER_NOT_MET = "filter_not_met"
    REENTRY_TOO_SOON = "reentry_too_soon"
    ALREADY_INSIDE = "already_inside"
    HOLDOUT = "holdout"
    TOO_LATE_TO_ENTER = "too_late_to_enter"
    FLOW_PAUSED = "flow_paused"

    # Ended.
    GOAL_REACHED = "goal_reached"
    EXIT_CONDITION = "exit_condition"
    EXIT_EVENT = "exit_event"
    UNRESPONSIVE = "unresponsive"
    ACTIVE_AGAIN = "active_again"
    RESTING = "resting"
    MERGED_AWAY = "merged_away"
    STORE_GONE = "store_gone"
    PERSON_ERASED = "person_erased"
    EXITED_BY_STEP = "exited_by_step"
    ORDER_CANCELLED = "order_cancelled"

    # Legal refusals.
    NO_CONSENT = "no_consent"
    OPT_IN_NOT_CONFIRMED = "opt_in_not_confirmed"
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"
    NO_LEGAL_BASIS = "no_legal_basis"
    COUNTRY_FORBIDS = "country_forbids"
    ONE_TEXT_PER_CART = "one_text_per_cart"
    CART_TEXT_TOO_LATE = "cart_text_too_late"

    # Business refusals.
    ALREADY_ORDERED = "already_ordered"
    CART_CHANGED = "cart_changed"
    CART_GONE = "cart_gone"
    NO_ADDRESS = "no_address"
    BAD_ADDRESS = "bad_address"
    PROMOTIONS_ON_HOLD = "promotions_on_hold"
    OFFER_REFUSED = "offer_refused"
    OFFER_BUDGET_SPENT = "offer_budget_spent"
    OFFER_EXPIRED = "offer_expired"
    CHANNEL_NOT_CONNECTED = "channel_not_connected"
    CHANNEL_BROKEN = "channel_broken"
    TEMPLATE_ERROR = "template_error"
    NO_TRANSLATION = "no_translation"
    CONDITION_NOT_MET = "condition_not_met"

    # Timing.
    QUIET_HOURS = "quiet_hours"
    FREQUENCY_CAP = "frequency_cap"
    ANOTHER_FLOW_FIRST = "another_flow_first"
    DEADLINE_PASSED = "deadline_passed"
    WAITING_FOR_OFFER = "waiting_for_offer"
    WAITING_FOR_EVENT = "waiting_for_event"
    BEST_HOUR = "best_hour"
    RANDOM_HOUR = "random_hour"
    NOT_READ_YET = "not_read_yet"
    SENDER_BUSY = "sender_busy"
    PROVIDER_BUSY = "provider_busy"
    NOT_REACHED = "not_reached"
    SHOP_UNREACHABLE = "shop_unreachable"

    # Outcomes of the call.
    PROVIDER_REFUSED = "provider_refused"
    RESULT_UNKNOWN = "result_unknown"
    FOUND_AT_PROVIDER = "found_at_provider"
    NOT_CONFIRMED = "not_confirmed"

    # Nobody's fault but ours.
    OUR_DEFECT = "our_defect"
