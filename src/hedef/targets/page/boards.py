"""Which metrics a board shows: the ones chosen in the address, else those that the viewer's role works with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from hedef.kernel.errors import NotFound
from hedef.metrics.page.shown import in_words
from hedef.metrics.queries import metrics_in_force
from hedef.metrics.schema import MetricDocument
from hedef.targets.page.asked import MOST_METRICS, Asked

ROLES: dict[str, tuple[str, ...]] = {
    "rep": (
        "won_value",
        "new_pipeline",
        "win_rate",
        "open_pipeline",
        "pipeline_coverage",
        "stale_deals",
        "meetings",
        "cycle_time",
        "won_deals",
        "average_deal",
    ),
    "manager": (
        "won_value",
        "new_pipeline",
        "win_rate",
        "open_pipeline",
        "pipeline_coverage",
        "stale_deals",
        "slippage_rate",
        "process_conformance",
        "cycle_time",
        "average_deal",
    ),
    "operations": (
        "won_value",
        "new_pipeline",
        "win_rate",
        "open_pipeline",
        "pipeline_coverage",
        "cycle_time",
        "slippage_rate",
        "process_conformance",
        "average_deal",
        "won_deals",
    ),
    "finance": (
        "won_value",
        "new_pipeline",
        "win_rate",
        "open_pipeline",
        "invoiced_value",
        "collected_value",
        "discount_rate",
        "gross_margin",
        "average_deal",
        "won_deals",
    ),
    "enablement": (
        "won_value",
        "new_pipeline",
        "win_rate",
        "open_pipeline",
        "cycle_time",
        "process_conformance",
        "meetings",
        "touched_share",
        "won_deals",
        "average_deal",
    ),
}
_ORDER = ("manager", "operations", "finance", "enablement", "rep")  # of somebody with several roles the first


@dataclass(frozen=True, slots=True)
class Offer:
    """A metric that may be chosen; `taken`: it stands on the board now."""

    id: str
    name: str
    taken: bool


@dataclass(frozen=True)
class Chosen:
    """The metrics of a board in their order, all that there are, and whether the address named them."""

    metrics: tuple[MetricDocument, ...]
    offers: tuple[Offer, ...]
    given: bool

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.metrics)


def choose_metrics(asked: Asked, main: str | None) -> Chosen:
    """Up to eight metrics in force on the period's last day. NotFound, with the known ids, for one that is not."""
    known = {one.id: one.document for one in metrics_in_force(asked.period.end, known_no=asked.call.known_no)}
    missing = [one for one in asked.metrics if one not in known]
    if missing:
        said = _("There is no metric “%(id)s” in this period.") % {"id": missing[0]}
        raise NotFound(said, hint=_("Known: %(names)s.") % {"names": ", ".join(sorted(known))})
    wanted = asked.metrics or _of_role(asked.call.actor.user.roles if asked.call.actor.user else (), known, main)
    offers = (Offer(one.id, in_words(one.name), one.id in wanted) for one in known.values())
    return Chosen(
        metrics=tuple(known[one] for one in wanted),
        offers=tuple(sorted(offers, key=lambda one: one.name)),
        given=bool(asked.metrics),
    )


def _of_role(roles: Iterable[str], known: Iterable[str], main: str | None) -> tuple[str, ...]:
    """The plan's own metric first, then those of the role that are in force."""
    mine = next((one for one in _ORDER if one in set(roles)), "operations")
    names = dict.fromkeys([*([main] if main else []), *ROLES[mine]])
    there = set(known)
    return tuple(one for one in names if one in there)[:MOST_METRICS]


def old_enough(asked: Asked, names: Sequence[str], first: date) -> tuple[list[str], list[str]]:
    """Metrics that were in force on `first` too, and those that began later: they have no past to stand beside."""
    then = {one.id for one in metrics_in_force(first, known_no=asked.call.known_no)}
    return [one for one in names if one in then], [one for one in names if one not in then]
