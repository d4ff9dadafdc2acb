"""When texts may arrive and where people's clocks stand, as dated rows with sources. Data only.

The rows that apply are cut with one another, so the strictest wins; where sources disagree, the
strictest of them is kept. Engineering input, not legal advice.
"""

from dataclasses import dataclass
from datetime import date

from app.events import ConsentChannel

Span = tuple[int, int]
"""Minutes of the local day, from and until."""

TEXTS = frozenset({ConsentChannel.SMS, ConsentChannel.WHATSAPP})


def hours(start: int, end: int) -> Span:
    return start * 60, end * 60


ALL_DAY = hours(0, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursRule:
    """Allowed hours; None is a silent day. `country` None: everywhere; `region` None: all of it.

    `valid_from` None: its first day is not on our record, and it counts on every day.
    """

    country: str | None = None
    region: str | None = None
    channels: frozenset[ConsentChannel] = TEXTS
    weekdays: Span
    saturday: Span | None
    sunday: Span | None
    holidays: bool = True
    valid_from: date | None = None
    source: str


def _state(region: str, span: Span, source: str, **changes: object) -> HoursRule:
    values: dict[str, object] = {
        "country": "US",
        "region": region,
        "weekdays": span,
        "saturday": span,
        "sunday": span,
        "source": source,
    }
    return HoursRule(**values | changes)  # type: ignore[arg-type]  # One row of a table of many.


# Where a list of the trade is all we have, it is named instead of the law.
_COWBOY = "dropcowboy.com/state-compliance"
_REFERRIZER = "support.referrizer.com, TCPA quiet hours and state-specific rules"
_STELLO = "as usestello.com/compliance reads it"

_STATES = (
    _state("AL", hours(8, 20), f"Ala. Code 8-19A; {_COWBOY}", sunday=None, holidays=False),
    _state("CA", hours(9, 21), f"Cal. Pub. Util. Code 2872(c), {_STELLO}"),
    _state(
        "CT",
        hours(9, 20),
        "Conn. Gen. Stat. 42-288a as amended by SB 1058",
        valid_from=date(2023, 10, 1),
    ),
    _state(
        "FL",
        hours(8, 20),
        "Fla. Stat. 501.616 as amended by SB 1120: "
        "https://flsenate.gov/Session/Bill/2021/1120/BillText/er/HTML",
        valid_from=date(2021, 7, 1),
    ),
    _state("IL", hours(9, 21), f"815 ILCS 305, {_STELLO}; others say from 8"),
    _state("KY", hours(10, 21), f"KRS 367.46955(3), {_STELLO}"),
    # Consent is no exception there.
    _state(
        "LA",
        hours(8, 20),
        "La. R.S. 45:811 and PSC General Order R-29617: https://dnc.com/holiday-alerts",
        sunday=None,
        holidays=False,
    ),
    _state(
        "MD",
        hours(8, 20),
        "Md. Com. Law 14-3201, Stop the Spam Calls Act (SB 90)",
        valid_from=date(2024, 1, 1),
    ),
    _state("MA", hours(8, 20), f"Mass. Gen. Laws ch. 159C, {_STELLO}"),
    _state("MI", hours(9, 21), f"MCL 750.540e, {_STELLO}"),
    _state("MN", hours(9, 21), f"Minn. Stat. 325E.30, {_STELLO}"),
    _state(
        "MS",
        hours(8, 20),
        f"{_COWBOY}; holidays: https://dnc.com/holiday-alerts",
        sunday=None,
        holidays=False,
    ),
    _state("NV", hours(9, 20), _COWBOY),
    _state("NJ", hours(8, 20), _REFERRIZER),
    _state("NM", hours(9, 21), _COWBOY),
    _state("OK", hours(8, 20), "15 O.S. 775C.4 by HB 3168", valid_from=date(2022, 11, 1)),
    # The hours of operation name no Sunday and no holiday, whatever lists of the trade say.
    _state(
        "RI",
        hours(9, 18),
        "R.I. Gen. Laws 5-61-2(2) and 5-61-3.6",
        saturday=hours(10, 17),
        sunday=None,
        holidays=False,
    ),
    _state(
        "TX",
        hours(9, 21),
        "Texas SB 140, texts since 2025-09-01",
        sunday=hours(12, 21),
        valid_from=date(2025, 9, 1),
    ),
    _state("WA", hours(8, 20), "Washington HB 1497", valid_from=date(2022, 6, 9)),
)

HOURS_RULES: tuple[HoursRule, ...] = (
    HoursRule(
        weekdays=hours(10, 20),
        saturday=hours(10, 20),
        sunday=hours(12, 20),
        source="Our default: inside every rule below but the strictest",
    ),
    HoursRule(
        country="US",
        weekdays=hours(8, 21),
        saturday=hours(8, 21),
        sunday=hours(8, 21),
        source="47 CFR 64.1200(c)(1)",
    ),
    *_STATES,
    HoursRule(
        country="FR",
        weekdays=hours(8, 22),
        saturday=hours(8, 22),
        sunday=None,
        holidays=False,
        source="The operators' charter: working days from 8 to 22, "
        "https://af2m.org/la-charte-de-deontologie-applicable-aux-services-de-business-messaging-"
        "est-effective-depuis-le-1er-septembre-2024",
    ),
    # The code binds calls; a text on a holiday is taken as badly.
    HoursRule(
        country="IT",
        weekdays=hours(9, 20),
        saturday=hours(10, 19),
        sunday=None,
        holidays=False,
        valid_from=date(2024, 9, 28),
        source="Garante, provvedimento 148 of 2024-03-07: codice di condotta per il telemarketing",
    ),
    HoursRule(
        country="BR",
        weekdays=hours(9, 21),
        saturday=hours(10, 16),
        sunday=None,
        source="The habit of the trade, as in the state laws on telemarketing",
    ),
)


@dataclass(frozen=True, slots=True)
class Holidays:
    """`fixed`: (month, day). `easter`: days after Easter Sunday. `nth`: (month, weekday, n), where
    Monday is 0 and n is -1 for the last."""

    fixed: tuple[tuple[int, int], ...]
    easter: tuple[int, ...] = ()
    nth: tuple[tuple[int, int, int], ...] = ()


HOLIDAYS: dict[str, Holidays] = {
    "FR": Holidays(
        ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)), (1, 39, 50)
    ),
    "IT": Holidays(
        (
            *((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15)),
            *((10, 4), (11, 1), (12, 8), (12, 25), (12, 26)),
        ),
        (0, 1),
    ),
    "US": Holidays(
        ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)),
        nth=((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4)),
    ),
}

_EAST, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"


def _regions(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """From zones to the regions in them, back to each region's zones."""
    found: dict[str, tuple[str, ...]] = {}
    for zone, regions in table.items():
        for region in regions.split():
            found[region] = (*found.get(region, ()), zone)
    return found


REST = "*"
"""Every region of a country that is not named."""

REGION_ZONES: dict[str, dict[str, tuple[str, ...]]] = {
    "US": _regions(
        {
            _EAST: "CT DE DC FL GA IN KY ME MD MA MI NH NJ NY NC OH PA RI SC TN VT VA WV",
            _CENTRAL: "AL AR FL IL IN IA KS KY LA MI MN MS MO NE ND OK SD TN TX WI",
            _MOUNTAIN: "AZ CO ID KS MT NE NV NM ND OR SD TX UT WY",
            "America/Phoenix": "AZ",
            _PACIFIC: "CA ID NV OR WA",
            "America/Anchorage": "AK",
            "America/Adak": "AK",
            "Pacific/Honolulu": "HI",
            "America/Puerto_Rico": "PR VI",
            "Pacific/Guam": "GU MP",
            "Pacific/Pago_Pago": "AS",
        }
    ),
    "CA": _regions(
        {
            "America/Toronto": "ON QC NU",
            "America/Winnipeg": "MB ON NU",
            "America/Halifax": "NB NS PE QC NL",
            "America/St_Johns": "NL",
            "America/Regina": "SK",
            "America/Edmonton": "AB SK BC NT NU",
            "America/Vancouver": "BC",
            "America/Fort_Nelson": "BC",
            "America/Whitehorse": "YT",
        }
    ),
    "BR": _regions(
        {
            "America/Sao_Paulo": "DF ES GO MG PR RJ RS SC SP",
            "America/Bahia": "BA",
            "America/Maceio": "AL SE",
            "America/Recife": "PE",
            "America/Noronha": "PE",
            "America/Fortaleza": "CE MA PB PI RN",
            "America/Belem": "AP PA",
            "America/Araguaina": "TO",
            "America/Cuiaba": "MT",
            "America/Campo_Grande": "MS",
            "America/Manaus": "AM",
            "America/Eirunepe": "AM",
            "America/Boa_Vista": "RR",
            "America/Porto_Velho": "RO",
            "America/Rio_Branco": "AC",
        }
    ),
    "AU": _regions(
        {
            "Australia/Sydney": "NSW ACT",
            "Australia/Broken_Hill": "NSW",
            "Australia/Lord_Howe": "NSW",
            "Australia/Melbourne": "VIC",
            "Australia/Brisbane": "QLD",
            "Australia/Hobart": "TAS",
            "Australia/Adelaide": "SA",
            "Australia/Darwin": "NT",
            "Australia/Perth": "WA",
            "Australia/Eucla": "WA",
        }
    ),
    "ES": _regions(
        {"Atlantic/Canary": "TF GC", "Africa/Ceuta": "CE ML", "Europe/Madrid": REST},
    ),
    "PT": _regions({"Atlantic/Azores": "20", "Atlantic/Madeira": "30", "Europe/Lisbon": REST}),
}

MAIN_ZONES: dict[str, tuple[str, ...]] = {
    "US": (_EAST, _CENTRAL, _MOUNTAIN, "America/Phoenix", _PACIFIC),
    "RU": (
        *("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg"),
        *("Asia/Omsk", "Asia/Novosibirsk", "Asia/Irkutsk", "Asia/Vladivostok"),
    ),
}
"""Where nearly everybody lives, for countries so wide that no hour suits all of their zones."""
