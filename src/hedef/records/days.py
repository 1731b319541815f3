"""Days of the company as instants, in the zone of the home's settings: no calendar stands below this room."""

from datetime import date, datetime, timedelta

from django.conf import settings

from hedef.kernel.instants import to_us, zone_of
from hedef.records.engine.kinds import ALWAYS_US


def start_us(day: date | None) -> int:
    """First instant of a day; none is always."""
    if day is None or day <= date(1, 1, 2):
        return ALWAYS_US
    return to_us(datetime(day.year, day.month, day.day, tzinfo=zone_of(settings.HEDEF.time_zone)))


def end_us(day: date) -> int:
    """Last microsecond of a day."""
    if day >= date(9999, 12, 30):
        return start_us(date(9999, 12, 30))
    return start_us(day + timedelta(days=1)) - 1
