"""From one file on its way in to its measures, and the measures into what is kept."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from hedef.intake.checks import Measured
from hedef.intake.models import TrustProfile, TrustState
from hedef.intake.trust.measures import IMPOSSIBLE, NEEDED, ROW_WINDOW, Measures, Part
from hedef.intake.trust.profile import Profile, profile_from
from hedef.intake.trust.rules import limits_of

if TYPE_CHECKING:
    from hedef.intake.run.call import FileRun

_SEEN = ("row", "owner", "stage", "amount_minor", "currency")


def measures_for(source: str, object_: str, *, whole: bool) -> Measures:
    """An empty accumulator with the limits of the source and what was usual for it so far."""
    limits = limits_of(source, object_)
    return Measures(object_, limits=limits, usual=usual_of(source, object_), whole=whole)


def usual_of(source: str, object_: str, *, before_seal: int | None = None) -> list[Profile]:
    """Shapes of the last imports of an object, newest first."""
    rows = TrustProfile.objects.filter(source=source, object=object_)
    if before_seal is not None:
        rows = rows.filter(seal_no__lt=before_seal)
    return [profile_from(one.profile) for one in rows.order_by("-seal_no", "-pk")[:ROW_WINDOW]]


def seen(frame: pl.DataFrame, object_: str) -> pl.DataFrame:
    """The columns of a planned frame that checks look at: `Part.frame`."""
    wanted = [name for name in dict.fromkeys((*_SEEN, *NEEDED.get(object_, ()))) if name in frame.columns]
    told = frame.select(wanted)
    day = next((name for name in ("close_on", "day") if name in frame.columns), None)
    if day is not None and frame.schema[day] == pl.Date:
        told = told.with_columns(frame[day].alias("day"))
    if "owner" in told.columns and told.schema["owner"] != pl.Int64:
        told = told.drop("owner")
    return told


def part_of(
    file: "FileRun", *, rows: int, repeated: Sequence[int] | pl.Series, named: int, lost: int, frame: pl.DataFrame
) -> Part:
    """What one part of a file (here: all that was noted so far) says to the checks.

    A name that is unknown only because its own row was rejected is the rejection's, not a second finding.
    """
    findings = file.all_findings()
    codes = pl.col("code")
    out = pl.Series(sorted(file.rejected), dtype=pl.Int64)
    unknown = codes.str.starts_with("unknown_")
    theirs = unknown & ~((pl.col("level") != "error") & pl.col("row").is_in(out.implode()))
    lost = min(lost, findings.filter(theirs).height)
    return Part(
        rows=rows,
        frame=frame,
        rejected=file.rejected,
        repeated=list(repeated),
        suspects=_rows(findings, codes == "duplicate_suspect"),
        impossible=_rows(findings, codes.is_in(list(IMPOSSIBLE))),
        named=named,
        lost=lost,
        lost_rows=_rows(findings, theirs),
    )


def _rows(findings: pl.DataFrame, which: pl.Expr) -> list[int]:
    return findings.filter(which)["row"].drop_nulls().to_list()


def keep(
    measures: Sequence[Measured],
    profile: Profile | None,
    *,
    source: str,
    object_: str,
    batch: int,
    seal_no: int,
    file_name: str,
) -> None:
    """Write the states of a sealed import and its shape; both are only ever added to."""
    TrustState.objects.bulk_create(
        state_of(one, source=source, object_=object_, batch=batch, seal_no=seal_no, file_name=file_name)
        for one in measures
    )
    if profile is not None and profile.rows:
        TrustProfile.objects.create(
            source=source, object=object_, batch=batch, seal_no=seal_no, profile=profile.as_json()
        )


def state_of(
    one: Measured, *, source: str, object_: str, batch: int | None, seal_no: int, file_name: str
) -> TrustState:
    """A measure as the row that is kept."""
    return TrustState(
        source=source,
        object=object_,
        check_name=one.check,
        level=one.level,
        measured=one.measured,
        bound=one.limit,
        rows=one.rows,
        judged=one.judged,
        what=one.what,
        batch=batch,
        seal_no=seal_no,
        file_name=file_name[:255],
        slices=None if one.slices is None or one.level == "trusted" else one.slices.as_json(),
        detail=one.sentence[:300],
    )
