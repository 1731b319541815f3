"""Half-open ranges of days `from, to`: how memberships, managers, holds and document versions are dated."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Range:
    """Days from `start` up to but without `end`; none = since always, for ever. `start == end` is an empty range."""

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError(f"a range cannot end on {self.end}, before it starts on {self.start}")

    @property
    def is_empty(self) -> bool:
        return self.start is not None and self.start == self.end

    def covers(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)

    def overlaps(self, other: "Range") -> bool:
        """True when some day lies in both."""
        return self.intersect(other) is not None

    def intersect(self, other: "Range") -> "Range | None":
        """The days in both ranges; none when there are none."""
        starts = [day for day in (self.start, other.start) if day is not None]
        ends = [day for day in (self.end, other.end) if day is not None]
        start, end = max(starts, default=None), min(ends, default=None)
        if self.is_empty or other.is_empty or (start is not None and end is not None and end <= start):
            return None
        return Range(start, end)


ALWAYS = Range()
