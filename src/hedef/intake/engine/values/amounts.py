"""The text of one amount -> exact decimal. The slow, careful twin of the vectorised reading in `numbers`."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from hedef.intake.engine.values.clean import Trouble
from hedef.kernel.money import is_currency

type Mark = Literal[".", ","]
type Proof = Literal[".", ",", "either"]

_DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "BRL", "CLP", "COP", "ARS", "JMD", "TTD", "BSD")
_SYMBOLS: dict[str, tuple[str, ...]] = {
    "$": _DOLLARS,
    "us$": ("USD",), "a$": ("AUD",), "c$": ("CAD",), "ca$": ("CAD",), "hk$": ("HKD",), "nz$": ("NZD",),
    "s$": ("SGD",), "r$": ("BRL",), "mx$": ("MXN",),
    "€": ("EUR",), "£": ("GBP", "EGP"), "¥": ("JPY", "CNY"), "₺": ("TRY",), "tl": ("TRY",), "₹": ("INR",),
    "₽": ("RUB",), "₩": ("KRW",), "₴": ("UAH",), "₪": ("ILS",), "zł": ("PLN",), "kč": ("CZK",), "fr": ("CHF",),
    "fr.": ("CHF",), "kr": ("SEK", "NOK", "DKK", "ISK"), "kr.": ("DKK", "NOK", "SEK"),
}  # fmt: skip
MAX_DIGITS = 60  # before the decimal mark; far above every limit of a field, far below those of Decimal
_POWERS = {"": 0, "k": 3, "m": 6, "mn": 6, "bn": 9}
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_BODY = r"[\d.,'’ ]*\d[\d.,'’ ]*"
_MARK = r"[^\W\d_]{1,3}\.?\$?|[^\w\s\d.,'’()%+-]{1,2}"
_AMOUNT = re.compile(
    rf"(?P<m1>{_MARK})? ?(?P<open>\()? ?(?P<s1>[-+])? ?(?P<m2>{_MARK})? ?(?P<s2>[-+])? ?"
    rf"(?P<body>{_BODY}?) ?(?P<power>k|mn|m|bn)? ?(?P<m3>{_MARK})? ?"
    rf"(?P<percent>%)? ?(?P<s3>-)? ?(?P<close>\))? ?(?P<m4>{_MARK})?",
    re.IGNORECASE,
)
_GROUPED = {
    ".": re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:['’]\d{3})+|\d*"),
    ",": re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:['’]\d{3})+|\d*"),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """`number` in the unit as written (suffix k, m, bn applied); `mark` is the currency mark or code, "" without."""

    number: Decimal
    mark: str = ""
    percent: bool = False


def mark_proof(text: str) -> Proof | None:
    """What a text proves about the decimal mark of its column; none = it holds no mark, so it needs none.

    Both marks: the last one. One mark more than once: thousands, so the other. One mark with three digits after it and
    one to three before: either. Any other number of digits: this mark.
    """
    body = re.sub(r"[^\d.,]", "", text).strip(".,") if text[:1] not in ".," else re.sub(r"[^\d.,]", "", text)
    dots, commas = body.count("."), body.count(",")
    if not dots and not commas:
        return None
    if dots and commas:
        return "." if body.rfind(".") > body.rfind(",") else ","
    mark: Mark = "." if dots else ","
    other: Mark = "," if dots else "."
    if dots + commas > 1:
        return other
    before, after = body.split(mark)
    if len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0"):
        return "either"
    return mark


@lru_cache(maxsize=512)
def currencies_of(mark: str) -> tuple[str, ...]:
    """ISO codes a mark may stand for, the usual one first; empty for an unknown mark."""
    key = mark.strip().casefold()
    if key in _SYMBOLS:
        return _SYMBOLS[key]
    code = key.strip("$.").upper()
    return (code,) if is_currency(code) else ()


def parse_amount(text: str, decimal: Mark | None, *, money: bool) -> Amount | Trouble:
    """One amount. Marks, codes and the suffixes k, m, mn, bn only in money columns; per cent only in rate columns."""
    plain = _SPACES.sub(" ", text.replace("\u2212", "-")).strip()
    found = _AMOUNT.fullmatch(plain)
    code = "bad_money" if money else "bad_number"
    if found is None or bool(found["open"]) != bool(found["close"]):
        return Trouble(code, "error", _no_number(decimal))
    marks = [mark for mark in (found["m1"], found["m2"], found["m3"], found["m4"]) if mark]
    signs = [sign for sign in (found["s1"], found["s2"], found["s3"]) if sign] + (["-"] if found["open"] else [])
    if len(signs) > 1 or len(marks) > 1:
        return Trouble(code, "error", _no_number(decimal))
    if not money and (marks or found["power"]):
        return Trouble(code, "error", "Currency marks and suffixes such as k or m only stand in money columns.")
    if marks and not currencies_of(marks[0]):
        return Trouble(code, "error", f'"{marks[0]}" is no currency mark or code. Write the amount as plain digits.')
    if money and found["percent"]:
        return Trouble(code, "error", "A per cent sign does not stand in a money column.")
    number = parse_digits(found["body"].strip(), decimal)
    if number is None:
        return Trouble(code, "error", _no_number(decimal))
    if number.adjusted() >= MAX_DIGITS:
        return Trouble("out_of_range", "error", f"No amount has more than {MAX_DIGITS} digits. Fix the cell.")
    shifted = number.scaleb(_POWERS[(found["power"] or "").lower()])
    return Amount(-shifted if "-" in signs else shifted, marks[0] if marks else "", bool(found["percent"]))


def parse_digits(body: str, decimal: Mark | None) -> Decimal | None:
    """Digits with thousands in groups of three and one decimal mark; none when it is no number by these rules."""
    if decimal is None:
        proof = mark_proof(body)
        if proof == "either":
            return None
        decimal = proof or "."
    whole, _, rest = body.partition(decimal)
    if not re.fullmatch(r"\d*", rest) or _GROUPED[decimal].fullmatch(whole) is None or not (whole or rest):
        return None
    return Decimal(f"{re.sub(r'[^0-9]', '', whole) or '0'}.{rest or '0'}")


def _no_number(decimal: Mark | None) -> str:
    mark = "no decimal mark is decided" if decimal is None else f'the decimal mark of this column is "{decimal}"'
    return f"This is no number ({mark}, thousands stand in groups of three). Fix the cell or choose the decimal mark."
