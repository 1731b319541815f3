"""What an import measures, part by part: counters in bounded memory, then one measure a check. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import polars as pl

from hedef.intake.checks import BOUNDS, CHECKS, MOST_CELLS, Bound, Cell, Measured, Slices
from hedef.intake.trust.profile import Profile, drift, profile_from, profile_of, together

# fields that records of a kind are of little use without
NEEDED: Mapping[str, tuple[str, ...]] = {
    "deal": ("owner", "stage", "amount_minor", "close_on"),
    "account": ("name", "owner"),
    "contact": ("name", "account"),
    "lead": ("owner", "status"),
    "activity": ("owner", "due_us"),
    "order": ("account", "owner", "day"),
    "person": ("name",),
}
IMPOSSIBLE = frozenset({"out_of_range", "date_far", "close_before_create", "stage_before_create", "bad_boolean"})
ROW_WINDOW, DRIFT_WINDOW = 8, 4  # former imports that say what is usual
FEWEST_IMPORTS = 3  # before them nothing is usual
FEWEST_ROWS = 20
_WHAT = 60  # characters of a measure's name
_RANK = {"trusted": 0, "unknown": 1, "caution": 2, "blocked": 3}


@dataclass(frozen=True)
class Limits:
    """Limits of one source and object: shipped ones, with those that a document sets instead."""

    bounds: Mapping[str, Bound] = field(default_factory=dict)
    needed: tuple[str, ...] | None = None

    def bound(self, key: str) -> Bound:
        return self.bounds.get(key) or BOUNDS[key]


@dataclass(frozen=True)
class Part:
    """One part of a file as it was planned. Row numbers run through the file.

    `frame`: row Int64 and, where the file speaks of them, owner Int64, stage, amount_minor Int64, currency, day Date
    and the needed fields. `rejected`, `repeated` (a newer row of the same key counts), `suspects` (may be somebody
    known already) and `impossible` are rows; `named` references of which `lost` found nobody, in rows `lost_rows`.
    """

    rows: int
    frame: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"row": pl.Int64}))
    rejected: Iterable[int] = ()
    repeated: Iterable[int] = ()
    suspects: Iterable[int] = ()
    impossible: Iterable[int] = ()
    named: int = 0
    lost: int = 0
    lost_rows: Iterable[int] = ()


class Measures:
    """Adds up the parts of one file; `finish` gives the measures and `profile` what later imports compare with."""

    def __init__(
        self, object_: str, *, limits: Limits | None = None, usual: Sequence[Profile] = (), whole: bool = False
    ) -> None:
        """`usual`: profiles of former imports, newest first. `whole`: the file holds all records of its source."""
        self.limits = limits or Limits()
        self.needed = self.limits.needed if self.limits.needed is not None else NEEDED.get(object_, ())
        self.usual, self.whole = list(usual)[:ROW_WINDOW], whole
        self.profile = Profile()
        self._counts: Counter[str] = Counter()
        self._found: dict[str, Counter[Cell]] = {}
        self._judged: Counter[Cell] = Counter()
        self._end: list[Measured] = []

    def add(self, part: Part) -> None:
        """Count one part; nothing of its rows is kept."""
        out = sorted(set(part.rejected))
        kept = part.frame.filter(~pl.col("row").is_in(out)) if out else part.frame  # what stays out is no gap of ours
        told = profile_of(kept, self.needed)
        told.rows, told.taken = part.rows, part.rows - len(out)
        self.profile.add(told)
        self._counts["rows"] += part.rows
        self._counts["named"] += part.named
        self._counts["lost"] += part.lost
        cells = _cells(part.frame)
        if cells is not None:
            self._judged.update(_tally(cells))
        marked = {
            "domain": part.rejected,
            "domain.impossible": part.impossible,
            "uniqueness": part.repeated,
            "uniqueness.suspect": part.suspects,
            "referential": part.lost_rows,
        }
        for name, rows in marked.items():
            numbers = sorted(set(rows))
            if name != "referential":
                self._counts[name] += len(numbers)
            if numbers:
                self._found.setdefault(name, Counter()).update(_placed(cells, numbers))

    def reconciled(self, difference: int, *, what: str = "") -> None:
        """By how much file and ledger differ after the whole file: rows and minor units over all groups.

        `what`: `group:EUR, stage won, owner 12` (the one that differs most), or `control:EUR` for a control total.
        """
        self._end.append(Measured("reconciliation", difference, self.rows, what[:_WHAT]))

    def held(self, gone: int, known: int) -> None:
        """Known records that a full export misses, when they were too many to be ended."""
        self._end.append(self._measure("completeness", gone, known))

    def replayed(self, right: int, deals: int) -> None:
        """Deals whose history ends in their current state, of all that have one."""
        self._end.append(self._measure("history", deals - right, deals))

    def state(self) -> dict[str, Any]:
        """What was counted so far as JSON; an import that goes on after a kill takes it up with `restore`."""
        profile = self.profile
        groups = {name: dict(counts) for name, counts in profile.groups.items()}
        told = {"rows": profile.rows, "taken": profile.taken, "filled": dict(profile.filled), "groups": groups}
        return {
            "profile": told,
            "counts": dict(self._counts),
            "found": {name: _told(cells) for name, cells in self._found.items()},
            "judged": _told(self._judged),
        }

    def restore(self, told: Mapping[str, Any]) -> None:
        """Go on from a `state`."""
        self.profile = profile_from(told["profile"])
        self._counts = Counter(told["counts"])
        self._found = {name: _cells_of(cells) for name, cells in told["found"].items()}
        self._judged = _cells_of(told["judged"])

    @property
    def rows(self) -> int:
        return self._counts["rows"]

    def finish(self) -> list[Measured]:
        """One measure a check, the worst of its own, in the order of the page; checks that could not run are absent."""
        found = [self._measure(name, self._counts[name], self.rows) for name in ("domain", "domain.impossible")]
        found += [self._measure(name, self._counts[name], self.rows) for name in ("uniqueness", "uniqueness.suspect")]
        if self._counts["named"]:
            found.append(self._measure("referential", self._counts["lost"], self._counts["named"]))
        return worst_of_each([*found, *self._end, *self._against_usual()])

    def _measure(self, key: str, rows: int, judged: int) -> Measured:
        check, _, what = key.partition(".")
        return Measured(check, rows, judged, what, bound=self.limits.bounds.get(key), slices=self._slices(key))

    def _slices(self, key: str) -> Slices | None:
        found = self._found.get(key)
        if found is None or not self._judged or len(found.keys() | self._judged.keys()) > MOST_CELLS:
            return None
        return Slices(dict(found), dict(self._judged))

    def _against_usual(self) -> list[Measured]:
        if len(self.usual) < FEWEST_IMPORTS or self.rows < 1:
            return []
        mean = Fraction(sum(one.rows for one in self.usual), len(self.usual))
        found = [self._rows_away(mean)] if mean else []
        if self.rows >= FEWEST_ROWS:
            found += [one for name in self.needed if (one := self._filled(name)) is not None]
        index = drift(self.profile, together(self.usual[:DRIFT_WINDOW]))
        bound = self.limits.bounds.get("drift")
        return found + [Measured("drift", 0, self.rows, f"index:{name}", at, bound) for name, at in index.items()]

    def _rows_away(self, mean: Fraction) -> Measured:
        away = int(abs(self.rows - mean) * 10_000 / mean)
        bound = self.limits.bounds.get("completeness.rows")
        at_most = None if self.whole else "caution"  # an export of what changed is as long as it is
        return Measured("completeness", 0, self.rows, "rows", away, bound, at_most)  # type: ignore[arg-type]

    def _filled(self, name: str) -> Measured | None:
        """Points by which a field is filled less than in the mean of the imports before that spoke of it."""
        if name not in self.profile.filled:
            return None
        shares = [Fraction(one.filled[name], one.taken) for one in self.usual if one.taken and name in one.filled]
        taken = self.profile.taken
        if len(shares) < FEWEST_IMPORTS or not taken:
            return None
        fall = sum(shares, Fraction(0)) / len(shares) - Fraction(self.profile.filled[name], taken)
        bound = self.limits.bounds.get("completeness.filled")
        empty = taken - self.profile.filled[name]
        return Measured("completeness", empty, taken, f"filled:{name}", max(int(fall * 10_000), 0), bound)


def _told(cells: Mapping[Cell, int]) -> list[list[Any]]:
    return [[person, month, number] for (person, month), number in cells.items()]


def _cells_of(told: Iterable[Sequence[Any]]) -> Counter[Cell]:
    return Counter({(person, month): int(number) for person, month, number in told})


def worst_of_each(measures: Iterable[Measured]) -> list[Measured]:
    """One measure a check: the worst, and of equally bad ones the first."""
    found: dict[str, Measured] = {}
    for one in measures:
        before = found.get(one.check)
        if before is None or _RANK[one.level] > _RANK[before.level]:
            found[one.check] = one
    return [found[check] for check in CHECKS if check in found]


# --- cells ------------------------------------------------------------------------------------------------------------


def _cells(frame: pl.DataFrame) -> pl.DataFrame | None:
    """`row, person, month`; none where the file names neither people nor days."""
    if not {"owner", "day"} & set(frame.columns):
        return None
    person = pl.col("owner") if "owner" in frame.columns else pl.lit(None, dtype=pl.Int64)
    month = pl.col("day").dt.strftime("%Y-%m") if "day" in frame.columns else pl.lit(None, dtype=pl.String)
    return frame.select("row", person.alias("person"), month.alias("month"))


def _tally(cells: pl.DataFrame) -> dict[Cell, int]:
    return {(person, month): number for person, month, number in cells.group_by("person", "month").len().iter_rows()}


def _placed(cells: pl.DataFrame | None, rows: Sequence[int]) -> dict[Cell, int]:
    """Found rows by person and month; rows that the frame does not hold belong to nobody known."""
    if cells is None:
        return {(None, None): len(rows)}
    told = cells.join(pl.DataFrame({"row": rows}, schema={"row": pl.Int64}), on="row", how="right")
    return _tally(told.select("person", "month"))
