"""Who may be written to without an opt-in, as dated rows with their sources. Data only.

Engineering input, not legal advice. A change of the law is a new row with its first day; the newest
row that has begun wins, so a rehearsal of last year uses last year's law.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Purpose(StrEnum):
    """Why a message is sent. CONFIRMATION: the receipt of the person's own order, which is owed to
    them. SERVICE: what else their order or account needs, no offer."""

    CONFIRMATION = "confirmation"
    SERVICE = "service"
    CART = "cart"
    UPSELL = "upsell"
    WIN_BACK = "win_back"
    REFERRAL = "referral"
    PROMOTION = "promotion"


class Reason(StrEnum):
    """Why, as stored with the message and shown to the merchant in their language."""

    SERVICE_MESSAGE = "service_message"
    OPTED_IN = "opted_in"
    AFTER_SALE = "after_sale"
    AFTER_INQUIRY = "after_inquiry"
    OPT_OUT_COUNTRY = "opt_out_country"
    OPTED_OUT = "opted_out"
    OPT_IN_NEEDED = "opt_in_needed"
    TEXT_NEEDS_OPT_IN = "text_needs_opt_in"
    WHATSAPP_NEEDS_OPT_IN = "whatsapp_needs_opt_in"
    WHATSAPP_BLOCKED_HERE = "whatsapp_blocked_here"
    NOT_CONFIRMED = "not_confirmed"
    OTHER_PURPOSE = "other_purpose"
    CART_NOT_NAMED = "cart_not_named"
    NO_PAID_ORDER = "no_paid_order"
    RELATION_TOO_OLD = "relation_too_old"
    NOT_SIMILAR = "not_similar"
    REFUSAL_NOT_OFFERED = "refusal_not_offered"
    WITHIN_CARRIER_RULE = "within_carrier_rule"
    NO_CARRIER_RULE = "no_carrier_rule"
    CART_TEXT_SENT = "cart_text_sent"
    CART_TOO_OLD = "cart_too_old"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftRule:
    """When marketing e-mail needs no opt-in. Texts and WhatsApp always need one.

    `sale_months`, `inquiry_months`: how long a sale or a question counts; None for ever, 0 never.
    """

    countries: frozenset[str]
    valid_from: date
    source: str
    needs_relation: bool = True
    sale_months: int | None = None
    inquiry_months: int | None = 0
    similar_only: bool = True
    refusal_offered_only: bool = True
    purposes: frozenset[Purpose] = frozenset({Purpose.CART, Purpose.UPSELL, Purpose.WIN_BACK})


_EVERY_PURPOSE = frozenset(Purpose)

EU = frozenset(
    {"AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"}
    | {"IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"}
)
EEA = EU | {"IS", "LI", "NO"}

SOFT_RULES: tuple[SoftRule, ...] = (
    SoftRule(
        countries=EEA,
        valid_from=date(2003, 10, 31),
        source="Directive 2002/58/EC art. 13(2): https://eur-lex.europa.eu/eli/dir/2002/58/oj",
    ),
    # Only after a paid sale: the Cassazione refused it for mere registrations (2025).
    SoftRule(
        countries=frozenset({"IT"}),
        valid_from=date(2004, 1, 1),
        source="Codice Privacy (d.lgs. 196/2003) art. 130(4); https://www.dgrs.it/lapplicazione-in-"
        "italia-della-disciplina-del-soft-spam-e-linterpretazione-dei-paesi-europei-unanalisi-"
        "comparata/",
    ),
    SoftRule(
        countries=frozenset({"ES"}),
        valid_from=date(2003, 11, 6),
        source="LSSI (Ley 34/2002) art. 21(2): https://www.boe.es/eli/es/l/2002/07/11/34/con",
    ),
    SoftRule(
        countries=frozenset({"GB"}),
        valid_from=date(2003, 12, 11),
        source="PECR 2003 reg. 22(3), a sale or negotiations for one: "
        "https://www.legislation.gov.uk/uksi/2003/2426/regulation/22",
        inquiry_months=None,
    ),
    SoftRule(
        countries=frozenset({"CA"}),
        valid_from=date(2014, 7, 1),
        source="CASL s. 10(9) to (14): https://crtc.gc.ca/eng/com500/guide.htm",
        sale_months=24,
        inquiry_months=6,
        similar_only=False,
        refusal_offered_only=False,
        purposes=_EVERY_PURPOSE,
    ),
    SoftRule(
        countries=frozenset({"US", "PR", "GU", "VI", "AS", "MP"}),
        valid_from=date(2004, 1, 1),
        source="CAN-SPAM, 15 U.S.C. 7701 to 7713: an opt-out regime",
        needs_relation=False,
        similar_only=False,
        refusal_offered_only=False,
        purposes=_EVERY_PURPOSE,
    ),
    # Legitimate interest, documented by the sale. A cart alone is not taken for one.
    SoftRule(
        countries=frozenset({"BR"}),
        valid_from=date(2020, 9, 18),
        source="LGPD (Lei 13.709/2018) art. 7 IX and art. 10",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CartTextRule:
    """How carriers limit texts about an abandoned cart, and what the opt-in must have named."""

    countries: frozenset[str]
    valid_from: date
    source: str
    most: int
    hours: int
    consent_names_carts: bool


CART_TEXT_RULES: tuple[CartTextRule, ...] = (
    CartTextRule(
        countries=frozenset({"US", "PR", "GU", "VI", "AS", "MP"}),
        valid_from=date(2021, 6, 1),
        source="CTIA and carrier practice: https://help.klaviyo.com/hc/en-us/articles/4404189657755",
        most=1,
        hours=48,
        consent_names_carts=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsAppBlock:
    """Dialling codes that Meta delivers no marketing template to."""

    prefix: str
    valid_from: date
    source: str


WHATSAPP_BLOCKS: tuple[WhatsAppBlock, ...] = (
    WhatsAppBlock(
        prefix="+1",
        valid_from=date(2025, 4, 1),
        source="Meta's pause of marketing templates to the US; error 63049 at Twilio",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedRule:
    """Where a sender cannot prove an opt-in that the address itself has not confirmed."""

    countries: frozenset[str]
    valid_from: date
    source: str


CONFIRMED_RULES: tuple[ConfirmedRule, ...] = (
    ConfirmedRule(
        countries=frozenset({"DE"}),
        valid_from=date(2011, 2, 10),
        source="BGH, 10 February 2011, I ZR 164/09: https://iww.de/kp/quellenmaterial/id/78827",
    ),
    ConfirmedRule(
        countries=frozenset({"AT"}),
        valid_from=date(2019, 10, 9),
        source="Datenschutzbehörde, 9 October 2019, DSB-D130.073/0008-DSB/2019 on GDPR art. 32: "
        "https://dorda.at/de/news/double-opt-verfahren-oesterreich-nun-auch-verpflichtend",
    ),
)
