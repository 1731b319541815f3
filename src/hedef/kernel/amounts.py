"""Amounts as people type them, with the marks of either language. Pure."""

import re

from hedef.kernel.money import exponent, to_minor

_MAX_MINOR = 10**15  # far above any deal, far below what 64 bits hold
_MARKS = re.compile(r"[.,]")
_SPACES = re.compile(r"[\s\u00a0\u202f'’]")
_UNIT = re.compile(r"^(?:[^\W\d_]{1,3}|[₺€$£¥])|(?:[^\W\d_]{1,3}|[₺€$£¥])$")  # a sign or code in front or behind


def read_amount(text: str, currency: str) -> int:
    """Minor units of `12000`, `12,000.50`, `12.000,50` or `12 000`, with or without a currency sign.

    One kind of mark: it parts thousands when it stands twice or before exactly three digits, else decimals. ValueError
    with the cause as its only argument: `number`, `negative`, `decimals`, `large`, `currency`.
    """
    plain = _UNIT.sub("", _SPACES.sub("", text.replace("−", "-")))
    if plain.startswith("-"):
        raise ValueError("negative")
    if not re.fullmatch(r"\d[\d.,]*", plain):
        raise ValueError("number")
    try:
        places = exponent(currency)
    except ValueError as fault:
        raise ValueError("currency") from fault
    whole, _, part = _split(plain, places).partition(".")
    if len(part) > places:
        raise ValueError("decimals")
    minor, _rounded = to_minor(f"{whole}.{part or 0}", currency)
    if minor > _MAX_MINOR:
        raise ValueError("large")
    return minor


def _split(plain: str, places: int) -> str:
    """The number with a point before its decimals and no other mark. ValueError("number") for misplaced marks."""
    marks = _MARKS.findall(plain)
    if not marks:
        return plain
    last = marks[-1]
    if len(set(marks)) == 2:
        whole, part = plain.rsplit(last, 1)
        return f"{_thousands(whole, marks[0])}.{part}" if marks.count(last) == 1 and part else _fail()
    tail = plain.rsplit(last, 1)[1]
    if len(marks) > 1 or (len(tail) == 3 and places != 3):
        return _thousands(plain, last)
    return plain.replace(last, ".") if tail else _fail()


def _thousands(text: str, mark: str) -> str:
    groups = text.split(mark)
    if not 1 <= len(groups[0]) <= 3 or any(len(one) != 3 or not one.isdigit() for one in groups[1:]):
        return _fail()
    return "".join(groups)


def _fail() -> str:
    raise ValueError("number")
