"""Reads of intake: jobs, trust, checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Max, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from hedef.intake.models import ImportJob, TrustState
from hedef.intake.trust.asking import freshness_now, trust_of
from hedef.intake.trust.states import newest_states, reason_of, state_trust, trend
from hedef.intake.trust.steps import next_step
from hedef.kernel.errors import NotFound
from hedef.kernel.instants import iso
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.kernel.trust import UNKNOWN, Reason, Trust, worst_trust
from hedef.ledger.queries import undoings

__all__ = [
    "Checked",
    "SourceLine",
    "check",
    "check_json",
    "freshness_now",
    "job",
    "job_json",
    "job_of_batch",
    "jobs",
    "last_job",
    "newest_state_number",
    "newest_states",
    "reason_of",
    "sources",
    "state_trust",
    "states_after",
    "trend",
    "trust_of",
    "with_undoings",
]


def job(id: int | str) -> ImportJob:  # noqa: A002 - the word of the path
    """The import J-`id`; NotFound otherwise."""
    text = str(id).removeprefix("J-")
    numbered = text.isascii() and text.isdigit() and len(text) <= 18
    found = ImportJob.objects.filter(pk=int(text)).first() if numbered else None
    if found is None:
        raise NotFound(
            _("There is no import J-%(number)s.") % {"number": text}, hint=_("The page Data lists the newest ones.")
        )
    return found


def jobs(*, last: int = 50, source: str | None = None, scope: Scope = EVERYTHING) -> list[ImportJob]:
    """The newest imports, newest first. Only who sees everything sees imports."""
    if not scope.everything:
        return []
    rows = ImportJob.objects.order_by("-pk")
    return list((rows.filter(source=source) if source else rows)[:last])


def with_undoings(found: list[ImportJob]) -> list[ImportJob]:
    """The same imports; `undone` names the batch that takes one back."""
    by = undoings([one.batch for one in found if one.batch is not None])
    for one in found:
        one.undone = by[one.batch].pk if one.batch in by else None
    return found


def last_job(source: str, object_: str) -> ImportJob | None:
    """The newest import of an object of a source that came to its end."""
    done = ImportJob.objects.filter(source=source, object=object_, state=ImportJob.State.DONE, fixes=None)
    return done.order_by("-pk").first()


def job_of_batch(batch: int) -> ImportJob:
    """The import that wrote a batch; NotFound otherwise."""
    found = ImportJob.objects.filter(batch=batch).order_by("-pk").first()
    if found is None:
        raise NotFound(f"Batch B-{batch} is no import.", hint="--fixes takes the batch named in the rejects file.")
    return found


def job_json(one: ImportJob) -> dict[str, Any]:
    """An import as programs read it."""
    return {
        "schema": "hedef.import_job/1",
        "job": str(one),
        "state": one.state,
        "step": one.step,
        "rows_total": one.rows_total,
        "rows_done": one.rows_done,
        "actor": one.actor,
        "source": one.source,
        "object": one.object or None,
        "file_name": one.file_name,
        "started_at": iso(one.started_us),
        "ended_at": None if one.ended_us is None else iso(one.ended_us),
        "batch": None if one.batch is None else f"B-{one.batch}",
        "decisions": one.decisions,
        "issues": one.issues,
        "answer": one.answer,
        "error": one.error,
    }


# --- trust ------------------------------------------------------------------------------------------------------------


def newest_state_number() -> int:
    """The number of the newest measurement; 0 before the first."""
    return TrustState.objects.aggregate(newest=Max("pk"))["newest"] or 0


def states_after(number: int) -> list[TrustState]:
    """What was measured after a measurement, in the order of sources, objects and checks."""
    return list(TrustState.objects.filter(pk__gt=number).order_by("source", "object", "check_name"))


@dataclass(frozen=True)
class Checked:
    """All checks of one source, or of every source."""

    source: str | None
    states: tuple[TrustState, ...]
    trust: Trust
    fresh: tuple[Reason, ...] = ()
    trends: Mapping[tuple[str, str, str], tuple[str, ...]] = field(default_factory=dict)
    known_no: int | None = None

    def _check(self, state: TrustState) -> dict[str, Any]:
        key = (state.source, state.object, state.check_name)
        return {**check_json(state), "trend": list(self.trends.get(key, ()))}

    @property
    def exit_code(self) -> int:
        """0 trusted, 1 caution or unknown, 3 blocked."""
        return {"trusted": 0, "blocked": 3}.get(self.trust.level, 1)

    def as_json(self) -> dict[str, Any]:
        """`hedef.trust/1`."""
        return {
            "schema": "hedef.trust/1",
            "as_of": None,
            "known_at": self.known_no,
            "source": self.source,
            "trust": self.trust.as_json(),
            "checks": [*map(fresh_json, self.fresh), *(self._check(one) for one in self.states)],
            "issues": [],
            "fingerprint": None,
        }


def fresh_json(reason: Reason) -> dict[str, Any]:
    """Freshness, which is asked and never stored: measured and limit in minutes."""
    told: dict[str, Any] = {
        "source": reason.source,
        "object": reason.object,
        "check": reason.code,
        "level": reason.level,
    }
    told |= {"measured": reason.measured, "limit": reason.limit, "rows": 0, "judged": 0, "what": reason.what}
    last: dict[str, Any] = {"batch": None, "seal_no": None, "file": None, "detail": str(reason), "trend": []}
    return {**told, **last, "next_step": None if reason.level == "trusted" else next_step(reason)}


def check_json(state: TrustState) -> dict[str, Any]:
    return {
        "source": state.source,
        "object": state.object,
        "check": state.check_name,
        "level": state.level,
        "measured": state.measured,
        "limit": state.bound,
        "rows": state.rows,
        "judged": state.judged,
        "what": state.what or None,
        "file": state.file_name or None,
        "next_step": None if state.level == "trusted" else next_step(reason_of(state)),
        "batch": None if state.batch is None else f"B-{state.batch}",
        "seal_no": state.seal_no,
        "detail": state.detail,
    }


def check(source: str | None = None, *, known_no: int | None = None, asked_us: int | None = None) -> Checked:
    """Every gate check of a source (none: of all) as it stands; freshness at the moment `asked_us`."""
    if source is not None and not ImportJob.objects.filter(source=source).exists():
        raise NotFound(f'There is no source "{source}".', hint="hedef check shows every source.")
    states = newest_states(sources=None if source is None else [source], known_no=known_no)
    trust = trust_of(source, known_no=known_no, asked_us=asked_us)
    fresh = () if asked_us is None else tuple(freshness_now(asked_us=asked_us, sources=[source] if source else None))
    return Checked(source, tuple(states), trust, fresh if known_no is None else (), _trends(states), known_no)


def _trends(states: Sequence[TrustState]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """The last levels of every state, oldest first, in one question."""
    newest = {(one.source, one.object, one.check_name): one.pk for one in states}
    if not newest:
        return {}
    place = Window(RowNumber(), partition_by=["source", "object", "check_name"], order_by=F("pk").desc())
    past = TrustState.objects.filter(source__in={one.source for one in states}).annotate(place=place)
    found: dict[tuple[str, str, str], list[str]] = {}
    told = past.filter(place__lte=_TREND).order_by("pk").values_list("source", "object", "check_name", "pk", "level")
    for source, object_, check_name, number, level in told:
        if number <= newest.get((source, object_, check_name), 0):
            found.setdefault((source, object_, check_name), []).append(level)
    return {key: tuple(levels) for key, levels in found.items()}


_TREND = 12  # levels that a trend shows


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source on the page: its objects, when it last came, and what its checks say."""

    name: str
    objects: tuple[str, ...]
    last_us: int
    rows: int
    trust: Trust


def sources() -> list[SourceLine]:
    """Every source that was imported, the newest first."""
    done = ImportJob.objects.filter(state=ImportJob.State.DONE).exclude(object="").order_by("-pk")
    found: dict[str, dict[str, ImportJob]] = {}
    for one in done.iterator():
        found.setdefault(one.source, {}).setdefault(one.object, one)
    states: dict[str, list[Trust]] = {}
    for state in newest_states():
        states.setdefault(state.source, []).append(state_trust(state))
    return [
        SourceLine(
            name,
            tuple(objects),
            max(one.started_us for one in objects.values()),
            sum(one.rows_total for one in objects.values()),
            worst_trust(states[name]) if name in states else UNKNOWN,
        )
        for name, objects in found.items()
    ]
