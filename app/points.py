"""The named points of the path of a webhook and of a message: what lies between one commit, or one
call, and the next. Here a process may die, and nothing may be lost or happen twice.

In production a point does nothing. Only a test sets a hook, which kills or waits there.
"""

from collections.abc import Callable
from enum import Enum


class Point(Enum):
    """Where the path may be cut, about in the order in which a story passes it, and how far it is
    there: 'ours' is a lease, committed."""

    WEBHOOKS_KEPT = "webhooks are committed; nobody has been answered"
    FACTS_APPLIED = "a batch is applied and its journeys fired; not committed"
    WEBHOOKS_SETTLED = "the batch is committed; the job has not ended"
    STEPS_CLAIMED = "due journeys are ours under a lease; no step is taken"
    ARRANGING = "inside the arbiter: a person's messages have their places; nothing is committed"
    STEPS_TAKEN = "the steps, their messages and decisions are committed"
    OFFER_WANTED = "the row of an offer is written; not committed"
    OFFERS_CLAIMED = "codes to make are ours under a lease; the shop knows nothing"
    CODE_MADE = "the shop has made or ended the code; our row does not say so"
    CODE_RECORDED = "the shop's answer about a code is committed"
    MESSAGES_CLAIMED = "due messages are ours under a lease; nobody has looked at them"
    MESSAGES_JUDGED = "what may not go is settled and committed; the rest waits for the last look"
    ORDERS_FOUND = "orders the live look has found are committed; the message is still to be held"
    MESSAGES_SET_ASIDE = "messages that cannot go now are moved or held, committed"
    MESSAGE_ENDED = "a message whose journey ends with it is settled, committed"
    MESSAGES_MARKED = "the rows say `sending`, committed; no call has been made"
    MESSAGE_TAKEN = "the provider has answered one call; the others may be under way"
    GROUP_ANSWERED = "every call of the group has its answer; none is on record"
    REFUSAL_RECORDED = (
        "a person's refusal, told by the provider, is committed; other answers are not"
    )
    OUTCOMES_RECORDED = "the answers of the group are committed"
    LOST_CLAIMED = (
        "messages whose answer was lost are ours under a lease; nobody has asked the provider"
    )
    LOST_LOOKED_UP = "the provider has told what became of a lost one; our row does not say so"
    LOST_SETTLED = "what the look-up told is committed"
    REPEAT_MARKED = "a lost message is to be sent again, committed; no call has been made"
    RECEIPTS_TAKEN = "a callback's receipts are committed; the provider has not been answered"
    RECEIPTS_READ = "a page of receipts and how far it reaches are committed"
    REPLY_TAKEN = "a person's reply is committed; the provider has not been answered"
    CHOICES_CLAIMED = (
        "choices to bring to shop and providers are ours for a while; nobody has been told"
    )
    CHOICE_TOLD = "the place knows the choice; our row does not say so"
    CHOICE_RECORDED = "that the place knows is committed"
    TOKENS_RENEWED = "the shop has given a new pair of tokens; it is not kept yet"
    CALLS_CLAIMED = "calls that steps asked for are ours under a lease; nobody has been called"
    CALL_MADE = "the other server has answered a step's call; our row does not say so"
    CALL_RECORDED = "what came of a step's call is committed"
    PROFILES_CLAIMED = "people to tell of are ours for a while; the provider knows nothing new"
    PROFILE_TOLD = "the provider has a person's profile; our row does not say so"
    PROFILE_RECORDED = "that the provider has it is committed"
    ERASURES_CLAIMED = "people to be forgotten are ours for a while; no provider has been asked"
    ERASURE_TOLD = "the providers have forgotten a person; our row does not say so"
    ERASURE_RECORDED = "that they have is committed"
    HOOKS_ASKED = "the shop will call us; what it lacked is not told"
    HISTORY_READ = "the shop has told a page of its past; nothing of it is kept"
    HISTORY_KEPT = "a page of the past and how far it reaches are committed"
    MISSED_READ = "the shop has told what changed since the last look; nothing of it is kept"
    MISSED_KEPT = "what changed and how far it reaches are committed"
    WORK_FOUND = "the ticker knows who has work that is due; nobody has been nudged"
    LETTER_CLAIMED = "a letter to the merchant is ours under a lease; no server has it"
    LETTER_SENT = "the mail server has the letter; our row does not say so"
    LETTER_RECORDED = "what the mail server said is committed"
    OPERATOR_CLAIMED = "words to the operator are ours under a lease; nobody has heard them"
    OPERATOR_TOLD = "the operator has heard; our row does not say so"
    OPERATOR_RECORDED = "that the operator has heard is committed"


Hook = Callable[[Point], None]
_hook: Hook | None = None


def watch(hook: Hook | None) -> None:
    """Have every point of this process call `hook`; None ends it. For tests alone."""
    global _hook  # noqa: PLW0603 - one path, one watcher.
    _hook = hook


def pass_point(point: Point) -> None:
    """This is the place. Costs one look at a global."""
    if _hook is not None:
        _hook(point)
