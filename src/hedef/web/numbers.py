"""Numbers and dates as people read them in English and Turkish. Pure: the language is an argument."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, get_currency_precision

type Number = int | str | Decimal | Fraction

MISSING = "–"  # never 0: a missing number is not nothing
MINUS = "−"

_NO_BREAK = "\u00a0"
_SIGNS = {
    "EUR": "€",
    "TRY": "₺",
    "USD": "$",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "ILS": "₪",
    "UAH": "₴",
    "NGN": "₦",
    "PHP": "₱",
    "VND": "₫",
    "KZT": "₸",
    "GEL": "₾",
    "AZN": "₼",
}

_SHORT = {
    "en": ((10**9, "B"), (10**6, "M"), (10**3, "k")),
    "tr": ((10**9, " Mr"), (10**6, " Mn"), (10**3, " bin")),
}


@cache
def _locale(language: str) -> Locale:
    return Locale("tr", "TR") if language.startswith("tr") else Locale("en", "GB")


def _short_units(language: str) -> tuple[tuple[int, str], ...]:
    return _SHORT["tr" if language.startswith("tr") else "en"]


def decimal_of(value: Number, places: int) -> Decimal:
    """`value` rounded half away from zero to `places` decimals, without passing a float."""
    exact = Fraction(value)
    scaled = abs(exact) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if exact >= 0 else -whole).scaleb(-places)


def currency_sign(currency: str) -> str:
    """`€` where one sign means one currency; the code and a space elsewhere (kr, Fr and $ of others are ambiguous)."""
    return _SIGNS.get(currency, currency + _NO_BREAK)


def _signed(text: str, value: Number, *, plus: bool) -> str:
    sign = MINUS if Fraction(value) < 0 else "+" if plus and Fraction(value) > 0 else ""
    return sign + text


def number(value: Number | None, language: str, *, places: int = 0, plus: bool = False) -> str:
    """`1,234.5`, `1.234,5`; minus is U+2212, none an en dash."""
    if value is None:
        return MISSING
    rounded = decimal_of(value, places)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    text = format_decimal(abs(rounded), format=pattern, locale=_locale(language))
    return _signed(text, rounded, plus=plus)


def money(value: Number | None, currency: str, language: str, *, plus: bool = False) -> str:
    """Major units in full: `€1,234,567.89`, `₺1.234.567,89`."""
    if value is None:
        return MISSING
    places = get_currency_precision(currency)
    rounded = decimal_of(value, places)
    text = number(abs(rounded), language, places=places)
    return _signed(currency_sign(currency) + text, rounded, plus=plus)


def short_money(value: Number | None, currency: str, language: str, *, plus: bool = False) -> str:
    """Three figures for reading: `€2.14M`, `€631k`, `€96.5k`; Turkish `€2,14 Mn`, `€631 bin`."""
    if value is None:
        return MISSING
    size = abs(Fraction(value))
    unit, word = next(((unit, word) for unit, word in _short_units(language) if size >= unit), (1, ""))
    text, word = _three_figures(size, unit, word, language)
    shown = f"{currency_sign(currency)}{text}{word}"
    return _signed(shown, value, plus=plus) if text.strip("0.,") else shown


def short_number(value: Number | None, language: str) -> str:
    """Three figures without a unit, as axes show them: `2.5M`, `500k`; Turkish `2,5 Mn`."""
    if value is None:
        return MISSING
    size = abs(Fraction(value))
    unit, word = next(((unit, word) for unit, word in _short_units(language) if size >= unit), (1, ""))
    text, word = _three_figures(size, unit, word, language)
    mark = "," if language.startswith("tr") else "."
    text = text.rstrip("0").rstrip(mark) if mark in text else text
    return _signed(f"{text}{word}", value, plus=False)


def figure(
    value: Number | None, unit: str, currency: str | None, language: str, *, full: bool = False, plus: bool = False
) -> str:
    """A number in its unit: money with three figures (or in full), shares in per cent, durations with their word."""
    if unit == "money":
        return (money if full else short_money)(value, currency or "", language, plus=plus)
    if unit == "ratio":
        return percent(value, language, plus=plus)
    if unit == "points":
        return points(value, language)
    if unit in _DURATIONS and value is not None:
        return f"{number(value, language, places=1, plus=plus)} {_DURATIONS[unit][language.startswith('tr')]}"
    below = 1 if value is None or unit != "count" else Fraction(value).denominator
    places = 0 if unit == "count" and below == 1 else 1 if below in {2, 5, 10} else 2
    return number(value, language, places=places, plus=plus)


_DURATIONS = {"days": ("days", "gün"), "hours": ("hours", "saat")}


def _three_figures(size: Fraction, unit: int, word: str, language: str) -> tuple[str, str]:
    scaled = size / unit
    places = 0 if unit == 1 or scaled >= 100 else 1 if scaled >= 10 else 2
    rounded = decimal_of(scaled, places)
    if rounded >= 1000 and unit > 1:  # 999,600 is 1M, not 1,000k
        larger = next(((one, name) for one, name in reversed(_short_units(language)) if one > unit), None)
        if larger is not None:
            return _three_figures(size, larger[0], larger[1], language)
    if places == 2 and rounded == rounded.to_integral_value():
        places = 0
    return number(rounded, language, places=places), word


def percent(value: Number | None, language: str, *, places: int = 1, plus: bool = False) -> str:
    """A fraction as per cent: `44.5%`, `%44,5`."""
    if value is None:
        return MISSING
    hundred = decimal_of(Fraction(value) * 100, places)
    text = number(abs(hundred), language, places=places)
    return _signed(f"%{text}" if language.startswith("tr") else f"{text}%", hundred, plus=plus)


def points(value: Number | None, language: str) -> str:
    """A difference of two fractions in percentage points: `+3.1 pts`, `+3,1 puan`."""
    if value is None:
        return MISSING
    text = number(Fraction(value) * 100, language, places=1, plus=True)
    return f"{text} puan" if language.startswith("tr") else f"{text} pts"


def day(value: date | None, language: str, *, year: bool = True) -> str:
    """`17 Nov 2026`, `17.11.2026`; without year `17 Nov`, `17 Kas`."""
    if value is None:
        return MISSING
    turkish = language.startswith("tr")
    pattern = ("dd.MM.y" if turkish else "d MMM y") if year else "d MMM"
    return format_date(value, pattern, locale=_locale(language)).replace("Sept", "Sep")


def moment(value: datetime | None, zone: str, language: str) -> str:
    """An instant in the company's zone: `17 Nov 2026, 18:05`, `17.11.2026 18:05`."""
    if value is None:
        return MISSING
    pattern = "dd.MM.y HH:mm" if language.startswith("tr") else "d MMM y, HH:mm"
    return format_datetime(value, pattern, tzinfo=ZoneInfo(zone), locale=_locale(language)).replace("Sept", "Sep")


def period(id_: str, language: str) -> str:
    """`2026-Q4` as `Q4 2026` or `4Ç 2026`; months and weeks by name; anything else as it is."""
    turkish = language.startswith("tr")
    year, _, part = id_.partition("-")
    if id_.startswith("FY") and part.startswith("P") and part[1:].isdigit():
        return f"{year[2:]} mali yılı, {int(part[1:])}. ay" if turkish else f"Month {int(part[1:])}, {year}"
    if not part or not year.isdigit():
        return id_
    kind, digits = (part[0], part[1:]) if part[0].isalpha() else ("M", part)
    if not digits.isdigit():
        return id_
    place = int(digits)
    if kind == "M":
        name = format_date(date(2000, place, 1), "LLLL", locale=_locale(language)) if 1 <= place <= 12 else part
        return f"{name} {year}"
    if turkish:
        return {"Q": f"{place}Ç {year}", "H": f"{year} {place}. yarıyıl", "W": f"{year} {place}. hafta"}.get(kind, id_)
    return {"Q": f"Q{place} {year}", "H": f"H{place} {year}", "W": f"Week {place}, {year}"}.get(kind, id_)


def hundredths(value: Fraction) -> str:
    """A coordinate with two decimals, half up: what SVG gets, never a float."""
    return str(decimal_of(value, 2).quantize(Decimal("0.01"), ROUND_HALF_UP))
