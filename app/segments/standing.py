"""Where a person stands, as facts: grades, silence, stage, lead score, signs of leaving."""

from enum import StrEnum

from app.customers.leads import Tier
from app.customers.signals import Level
from app.customers.stages import Inactivity, Stage
from app.science.rfm import Group
from app.segments import readings, tables
from app.segments.fact import Fact
from app.segments.operators import Kind
from app.segments.signs import SIGNS


def _number(name: str, says: str, part: str) -> Fact:
    return Fact(
        name=f"customer.{name}",
        kind=Kind.NUMBER,
        says=says,
        get=readings.customer(part),
        column=tables.standing(part),
    )


def _word(part: str, says: str, words: type[StrEnum]) -> Fact:
    return Fact(
        name=f"customer.{part}",
        kind=Kind.CHOICE,
        says=says,
        get=readings.customer(part),
        column=tables.standing(part),
        choices=tuple(map(str, words)),
    )


def _grade(grade: str, wording: str) -> Fact:
    says = f"The grade from 1 to 5 of {wording}; missing before the first order."
    return _number(f"rfm_{grade}", says, grade)


def _sign(name: str, wording: str) -> Fact:
    return Fact(
        name=f"signal.{name}",
        kind=Kind.YES_NO,
        says=f"Sign of leaving: {wording}.",
        get=readings.signal(name),
        column=tables.signal(name),
    )


STANDING = (
    _grade("recency", "how lately they bought"),
    _grade("frequency", "how often they buy"),
    _grade("money", "what they have spent, in fifths of the store's buyers"),
    _word(
        "rfm_group", "The name of the three grades together; missing before the first order.", Group
    ),
    _word(
        "inactivity",
        "How silent they are; missing while they never gave a sign of life.",
        Inactivity,
    ),
    _word("stage", "Where they are in their life with the shop.", Stage),
    _number(
        "lead_score",
        "How near to a purchase they are: points for what they did lately and are.",
        "lead_score",
    ),
    _word("lead_tier", "The lead score as one of four words.", Tier),
    _word(
        "risk_level",
        "How likely they are to leave, by the gravest sign; missing while there is none.",
        Level,
    ),
    *(_sign(name, wording) for name, wording in SIGNS.items()),
)
