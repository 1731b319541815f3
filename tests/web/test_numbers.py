"""Numbers for reading: rounded half away from zero, by locale, with a true minus and an en dash for nothing."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedef.web import numbers


@pytest.mark.parametrize(
    ("value", "currency", "english", "turkish"),
    [
        ("1234567.89", "TRY", "₺1,234,567.89", "₺1.234.567,89"),
        ("1234567.89", "EUR", "€1,234,567.89", "€1.234.567,89"),
        ("-0.5", "EUR", "−€0.50", "−€0,50"),
        ("500", "JPY", "¥500", "¥500"),
        ("1.0005", "KWD", "KWD\u00a01.001", "KWD\u00a01,001"),
        ("1234.5", "CHF", "CHF\u00a01,234.50", "CHF\u00a01.234,50"),
        (None, "EUR", "–", "–"),
        (0, "EUR", "€0.00", "€0,00"),
    ],
)
def test_money_in_full(value, currency, english, turkish):
    assert (numbers.money(value, currency, "en"), numbers.money(value, currency, "tr")) == (english, turkish)


@pytest.mark.parametrize(
    ("value", "english", "turkish"),
    [
        ("2144000", "€2.14M", "€2,14 Mn"),
        ("631000", "€631k", "€631 bin"),
        ("96500", "€96.5k", "€96,5 bin"),
        ("999600", "€1M", "€1 Mn"),
        ("999.60", "€1,000", "€1.000"),
        ("1000000000", "€1B", "€1 Mr"),
        ("-72000", "−€72.0k", "−€72,0 bin"),
        ("0", "€0", "€0"),
        ("-0.4", "€0", "€0"),
        (None, "–", "–"),
    ],
)
def test_money_with_three_figures(value, english, turkish):
    assert (numbers.short_money(value, "EUR", "en"), numbers.short_money(value, "EUR", "tr")) == (english, turkish)


@pytest.mark.parametrize(
    ("value", "english", "turkish"),
    [
        (Fraction(445, 1000), "44.5%", "%44,5"),
        ("0.6510", "65.1%", "%65,1"),
        (Fraction(-1, 8), "−12.5%", "−%12,5"),
        (Fraction(1, 3), "33.3%", "%33,3"),
        (0, "0.0%", "%0,0"),
        (None, "–", "–"),
    ],
)
def test_percent_by_locale(value, english, turkish):
    assert (numbers.percent(value, "en"), numbers.percent(value, "tr")) == (english, turkish)


def test_points_always_carry_their_sign():
    assert numbers.points("0.031", "en") == "+3.1 pts"
    assert numbers.points("-0.015", "tr") == "−1,5 puan"
    assert numbers.points(0, "en") == "0.0 pts"


def test_days_and_instants_in_the_companys_zone():
    moment = datetime(2026, 11, 17, 21, 5, tzinfo=UTC)
    assert numbers.day(date(2026, 9, 7), "en") == "7 Sep 2026"
    assert numbers.day(date(2026, 9, 7), "tr") == "07.09.2026"
    assert numbers.day(date(2026, 11, 17), "tr", year=False) == "17 Kas"
    assert numbers.moment(moment, "Europe/Istanbul", "en") == "18 Nov 2026, 00:05"
    assert numbers.moment(moment, "Europe/Istanbul", "tr") == "18.11.2026 00:05"


@pytest.mark.parametrize(
    ("id_", "english", "turkish"),
    [
        ("2026", "2026", "2026"),
        ("2026-Q4", "Q4 2026", "4Ç 2026"),
        ("2026-H1", "H1 2026", "2026 1. yarıyıl"),
        ("2026-07", "July 2026", "Temmuz 2026"),
        ("2026-W27", "Week 27, 2026", "2026 27. hafta"),
        ("FY2026-P07", "Month 7, FY2026", "2026 mali yılı, 7. ay"),
    ],
)
def test_periods_by_name(id_, english, turkish):
    assert (numbers.period(id_, "en"), numbers.period(id_, "tr")) == (english, turkish)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_rounding_is_half_away_from_zero_like_the_decimal_library_says(value):
    assert numbers.decimal_of(value, 2) == value.quantize(Decimal("0.01"), ROUND_HALF_UP)
