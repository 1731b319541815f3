"""The document kind that facts own: the company's calendar."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from hedef.kernel.calendar import Calendar, Period, PeriodKind, TableRow
from hedef.kernel.definition import Document, Part
from hedef.kernel.shapes import table_faults

type Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class PeriodRow(Part):
    """One period of a table calendar, first and last day included; `parent` is the longer one that it is part of."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$")
    kind: PeriodKind
    start: date
    end: date
    parent: str | None = None

    def row(self) -> TableRow:
        return TableRow(Period(self.id, self.kind, self.start, self.end), self.parent)


class CalendarDocument(Document):
    """`calendar:company`: country of the holidays, shape of the fiscal year, zone of the days, base currency.

    `weeks: 4-4-5` makes fiscal years of whole weeks that start on `week_starts` and end `nearest` to, or on the `last`
    such week's end of, the month before `fiscal_start`; week 53 goes to fiscal month `long_month`. `periods` is a table
    that says periods one by one.
    """

    kind: Literal["calendar"] = "calendar"
    country: str = Field(pattern=r"^[A-Z]{2}$")
    half_holidays: bool = True
    fiscal_start: int = Field(default=1, ge=1, le=12)
    weeks: Literal["iso", "4-4-5", "4-5-4", "5-4-4"] = "iso"
    week_starts: Weekday = "monday"
    year_end: Literal["nearest", "last"] = "nearest"
    year_named_by: Literal["end", "start"] = "end"
    long_month: int = Field(default=12, ge=1, le=12)
    periods: tuple[PeriodRow, ...] = Field(default=(), max_length=5_000)
    time_zone: str = "UTC"
    base_currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")

    @field_validator("country")
    @classmethod
    def _has_holidays(cls, value: str) -> str:
        Calendar(country=value).half_days_of(date(2026, 1, 1))  # ValueError with a sentence
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        return Calendar(time_zone=value).time_zone

    @field_validator("base_currency")
    @classmethod
    def _is_currency(cls, value: str) -> str:
        return Calendar(base_currency=value).base_currency

    @field_validator("periods")
    @classmethod
    def _is_table(cls, value: tuple[PeriodRow, ...]) -> tuple[PeriodRow, ...]:
        if faults := table_faults([one.row() for one in value]):
            raise ValueError("; ".join(f"row {place + 1}: {fault}" for place, fault in faults[:10]))
        return value

    @model_validator(mode="after")
    def _weeks_begin_where_iso_weeks_do(self) -> Self:
        if self.weeks == "iso" and self.week_starts != "monday":
            raise ValueError("ISO weeks start on monday; another first day needs weeks such as 4-4-5")
        return self

    def calendar(self) -> Calendar:
        return Calendar(
            id=self.id,
            country=self.country,
            time_zone=self.time_zone,
            fiscal_start=self.fiscal_start,
            half_holidays=self.half_holidays,
            weeks=self.weeks,
            base_currency=self.base_currency,
            week_starts=_WEEKDAYS.index(self.week_starts) + 1,
            year_end=self.year_end,
            year_named_by=self.year_named_by,
            long_month=self.long_month,
            table=tuple(one.row() for one in self.periods),
        )


def in_words(document: CalendarDocument) -> dict[str, str]:
    """The calendar in a sentence, English and Turkish."""
    of = document
    half = {True: ("half holidays count half", "yarım tatiller yarım sayılır")}.get(
        of.half_holidays, ("half holidays are working days", "yarım tatiller iş günüdür")
    )
    year = _year_in_words(of)
    return {
        "en": f"Days in {of.time_zone}, holidays of {_country(of.country, 'en')} ({half[0]}), fiscal year from "
        f"{_month(of.fiscal_start, 'en')}{year[0]}, amounts in {of.base_currency}.",
        "tr": f"Günler {of.time_zone} saatiyle, tatiller: {_country(of.country, 'tr')} ({half[1]}), mali yılın ilk ayı "
        f"{_month(of.fiscal_start, 'tr')}{year[1]}, tutarlar {of.base_currency} ile.",
    }


def _country(code: str, language: str) -> str:
    from babel import Locale

    return str(Locale(language).territories.get(code, code))


def _month(number: int, language: str) -> str:
    from babel.dates import get_month_names

    return str(get_month_names("wide", context="stand-alone", locale=language)[number])


_DAYS_TR = ("pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar")


def _year_in_words(of: CalendarDocument) -> tuple[str, str]:
    english, turkish = "", ""
    if of.weeks != "iso":
        day = _DAYS_TR[_WEEKDAYS.index(of.week_starts)]
        english = f" in whole weeks {of.weeks} from {of.week_starts.capitalize()}, week 53 in month {of.long_month}"
        turkish = f", {day} gününden başlayan tam haftalarla {of.weeks}, 53. hafta {of.long_month}. ayda"
    if of.periods:
        english += f", {len(of.periods)} periods from a table"
        turkish += f", tablodan {len(of.periods)} dönem"
    return english, turkish
