"""Where a person stands, as facts: grades, silence, stage, lead score, signs of leaving."""

from app.customers.leads import Tier
from app.customers.signals import Level
from app.customers.stages import Inactivity, Stage
from app.science.rfm import Group
from app.segments import readings, tables
from app.segments.fact import Fact
from app.segments.operators import Kind
from app.segments.signs import SIGNS

STANDING = (
    *(
        Fact(
            name=f"customer.rfm_{grade}",
            kind=Kind.NUMBER,
            says=f"The grade from 1 to 5 of {wording}; missing before the first order.",
            get=readings.customer(grade),
            column=tables.standing(grade),
        )
        for grade, wording in (
            ("recency", "how lately they bought"),
            ("frequency", "how often they buy"),
            ("money", "what they have spent, in fifths of the store's buyers"),
        )
    ),
    Fact(
        name="customer.rfm_group",
        kind=Kind.CHOICE,
        says="The name of the three grades together; missing before the first order.",
        get=readings.customer("rfm_group"),
        column=tables.standing("rfm_group"),
        choices=tuple(map(str, Group)),
    ),
    Fact(
        name="customer.inactivity",
        kind=Kind.CHOICE,
        says="How silent they are; missing while they never gave a sign of life.",
        get=readings.customer("inactivity"),
        column=tables.standing("inactivity"),
        choices=tuple(map(str, Inactivity)),
    ),
    Fact(
        name="customer.stage",
        kind=Kind.CHOICE,
        says="Where they are in their life with the shop.",
        get=readings.customer("stage"),
        column=tables.standing("stage"),
        choices=tuple(map(str, Stage)),
    ),
    Fact(
        name="customer.lead_score",
        kind=Kind.NUMBER,
        says="How near to a purchase they are: points for what they did lately and are.",
        get=readings.customer("lead_score"),
        column=tables.standing("lead_score"),
    ),
    Fact(
        name="customer.lead_tier",
        kind=Kind.CHOICE,
        says="The lead score as one of four words.",
        get=readings.customer("lead_tier"),
        column=tables.standing("lead_tier"),
        choices=tuple(map(str, Tier)),
    ),
    Fact(
        name="customer.risk_level",
        kind=Kind.CHOICE,
        says="How likely they are to leave, by the gravest sign; missing while there is none.",
        get=readings.customer("risk_level"),
        column=tables.standing("risk_level"),
        choices=tuple(map(str, Level)),
    ),
    *(
        Fact(
            name=f"signal.{name}",
            kind=Kind.YES_NO,
            says=f"Sign of leaving: {wording}.",
            get=readings.signal(name),
            column=tables.signal(name),
        )
        for name, wording in SIGNS.items()
    ),
)
