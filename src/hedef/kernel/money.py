"""Money: integer minor units, exact rates, and the one place where Hedef rounds.

The rule is half up, away from zero (2.5 is 3, -2.5 is -3). Parts of a total are made by largest remainder, so
they always add up. Nothing here is a float.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction

# ISO 4217; codes without an entry in _EXPONENTS have two decimals
_ISO_4217 = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
    GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR
    LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK
    PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT
    TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    ZWL
"""
_OTHER_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_CODES = frozenset(_ISO_4217.split())
_EXPONENTS = {code: places for places, codes in _OTHER_DECIMALS.items() for code in codes.split()}


def is_currency(code: str) -> bool:
    """True for an ISO 4217 code of money in use (upper case)."""
    return code in _CODES


def exponent(currency: str) -> int:
    """Decimals of an ISO 4217 currency: 2 for EUR, 0 for JPY, 3 for KWD. ValueError for an unknown code."""
    if currency not in _CODES:
        raise ValueError(f'"{currency}" is no ISO 4217 currency code such as EUR, TRY or USD')
    return _EXPONENTS.get(currency, 2)


def round_half_away(value: Fraction | Decimal | int) -> int:
    """The nearest integer; halves go away from zero. The only rounding in Hedef."""
    if isinstance(value, int):
        return value
    exact = value if isinstance(value, Fraction) else Fraction(value)
    return _nearest(exact.numerator, exact.denominator)


def _nearest(numerator: int, denominator: int) -> int:
    """`round_half_away` of a quotient (denominator above 0) in integers: a board shows thousands of numbers."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def to_minor(amount: Decimal | str, currency: str) -> tuple[int, bool]:
    """Minor units of an amount in major units, and whether it had to be rounded.

    `to_minor("10.005", "USD")` is `(1001, True)`. ValueError for text that is no plain decimal number.
    """
    try:
        number = Decimal(amount)
    except InvalidOperation as fault:
        raise ValueError(f'"{amount}" is no decimal number such as 1024.50') from fault
    if not number.is_finite():
        raise ValueError(f'"{amount}" is no amount of money')
    exact = Fraction(number) * 10 ** exponent(currency)
    minor = round_half_away(exact)
    return minor, minor != exact


def format_minor(minor: int, currency: str) -> str:
    """Major units with exactly the currency's decimals: `format_minor(102400000, "USD")` is `"1024000.00"`."""
    return _scaled_text(minor, exponent(currency))


def fraction_text(value: Fraction | int | None, places: int = 4) -> str | None:
    """A number as decimal text with `places` decimals, half up (`"0.6510"`); none stays none."""
    return None if value is None else _scaled_text(_nearest(value.numerator * 10**places, value.denominator), places)


def _scaled_text(scaled: int, places: int) -> str:
    digits = str(abs(scaled)).rjust(places + 1, "0")
    sign = "-" if scaled < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def convert(minor: int, rate: Fraction, from_currency: str, to_currency: str) -> Fraction:
    """Exact minor units of `to_currency`; `rate` = units of `to_currency` for one unit of `from_currency`.

    Not rounded: sums are converted row by row and rounded once, where they are shown.
    """
    return Fraction(minor) * rate * Fraction(10) ** (exponent(to_currency) - exponent(from_currency))


def largest_remainder(total: int, weights: Sequence[int | Fraction], *, unit: int = 1) -> list[int]:
    """Split `total` in proportion to `weights`; the parts add up to it exactly (visibility T2).

    Whole units of `unit` are given out by largest remainder (Hamilton's method); ties go to the larger weight, then to
    the earlier place. What `unit` leaves over of the total goes to the largest weight. A negative total is split like
    its absolute value. ValueError without weights, for a negative weight, for weights that are all 0 or a unit below 1.
    """
    if unit < 1:
        raise ValueError(f"the unit of a split is at least 1, not {unit}")
    if not weights:
        raise ValueError("a split needs at least one weight")
    if any(weight < 0 for weight in weights):
        raise ValueError("the weights of a split cannot be negative")
    whole = sum(weights)
    if not whole:
        raise ValueError("the weights of a split are all 0")
    units, left = divmod(abs(total), unit)
    shares = [Fraction(units * weight) / whole for weight in weights]
    parts = [share.numerator // share.denominator for share in shares]
    places = range(len(weights))
    order = sorted(places, key=lambda place: (parts[place] - shares[place], -weights[place], place))
    for place in order[: units - sum(parts)]:
        parts[place] += 1
    amounts = [part * unit for part in parts]
    amounts[min(places, key=lambda place: (-weights[place], place))] += left
    return amounts if total >= 0 else [-amount for amount in amounts]
