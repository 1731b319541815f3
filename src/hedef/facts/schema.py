"""The document kind that facts own: the company's calendar."""

from datetime import date
from typing import Literal

from pydantic import Field, field_validator

from hedef.kernel.calendar import Calendar
from hedef.kernel.definition import Document


class CalendarDocument(Document):
    """`calendar:company`: country of the holidays, start of the fiscal year, zone of the days, base currency."""

    kind: Literal["calendar"] = "calendar"
    country: str = Field(pattern=r"^[A-Z]{2}$")
    half_holidays: bool = True
    fiscal_start: int = Field(default=1, ge=1, le=12)
    weeks: Literal["iso"] = "iso"
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

    def calendar(self) -> Calendar:
        return Calendar(
            id=self.id,
            country=self.country,
            time_zone=self.time_zone,
            fiscal_start=self.fiscal_start,
            half_holidays=self.half_holidays,
            weeks=self.weeks,
            base_currency=self.base_currency,
        )


def in_words(document: CalendarDocument) -> dict[str, str]:
    """The calendar in a sentence, English and Turkish."""
    of = document
    half = {True: ("half holidays count half", "yarım tatiller yarım sayılır")}.get(
        of.half_holidays, ("half holidays are working days", "yarım tatiller iş günüdür")
    )
    return {
        "en": f"Days in {of.time_zone}, holidays of {of.country} ({half[0]}), fiscal year from month "
        f"{of.fiscal_start}, amounts in {of.base_currency}.",
        "tr": f"Günler {of.time_zone} saatiyle, {of.country} tatilleri ({half[1]}), mali yıl {of.fiscal_start}. aydan, "
        f"tutarlar {of.base_currency} ile.",
    }
