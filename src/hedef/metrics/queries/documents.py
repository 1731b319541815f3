"""Which version of a metric counts for which period."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property

from hedef.definitions.engine import choose
from hedef.definitions.queries import Version, list_in_force, versions
from hedef.kernel.calendar import Period
from hedef.kernel.errors import NotFound, WrongUse
from hedef.kernel.issue import Issue
from hedef.metrics.engine.formulas import DAYS, Term, parse_formula, terms_of
from hedef.metrics.engine.scans import Measure, cohort_measures, measure_of
from hedef.metrics.schema import MetricDocument, Unit

KIND = "metric"
type Read = Callable[[str], list[Version]]


@dataclass(frozen=True)
class Recipe:
    """A metric of one version and what it is made of: sums of its own, or other recipes (`children`).

    `terms` are the names under which a formula knows its children. `measures` are those of the whole tree, in order,
    and `parts` the metrics that they belong to; `part_versions` are every version of the tree besides its own.
    """

    version: Version
    document: MetricDocument
    own: tuple[Measure, ...] = ()
    children: tuple["Recipe", ...] = ()
    terms: tuple[Term, ...] = ()

    @cached_property
    def leaves(self) -> tuple["Recipe", ...]:
        """The recipes that read facts themselves, each once."""
        if not self.children:
            return (self,)
        return tuple(dict.fromkeys(leaf for child in self.children for leaf in child.leaves))

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        return tuple(measure for leaf in self.leaves for measure in leaf.own)

    @cached_property
    def parts(self) -> tuple[MetricDocument, ...]:
        return tuple(leaf.document for leaf in self.leaves for _ in leaf.own)

    @cached_property
    def sums(self) -> tuple["PartSum", ...]:
        """Every sum of the tree with the name and unit under which its rows are listed."""
        return tuple(one for leaf in self.leaves for one in _sums_of(leaf))

    @cached_property
    def part_versions(self) -> tuple[Version, ...]:
        found = (one for child in self.children for one in (child.version, *child.part_versions))
        return tuple({one.reference: one for one in found}.values())

    def __hash__(self) -> int:
        return hash((self.document.id, self.document.version, self.own, self.document.keep))


@dataclass(frozen=True)
class PartSum:
    """One sum of a recipe: `name` is the metric's id, of a cohort `id.members`, `id.matured` or `id.reached`."""

    name: str
    unit: Unit
    document: MetricDocument
    measure: Measure


def _sums_of(leaf: Recipe) -> tuple[PartSum, ...]:
    document = leaf.document
    if document.calc != "cohort":
        return tuple(PartSum(document.id, document.unit, document, one) for one in leaf.own)
    unit: Unit = "money" if leaf.own[0].money else "count"
    names = ("members", "matured", "reached")
    return tuple(
        PartSum(f"{document.id}.{name}", unit, document, one) for name, one in zip(names, leaf.own, strict=True)
    )


def metrics_in_force(day: date | None = None, *, known_no: int | None = None) -> list[Version]:
    """The version in force of every metric on a day (none: the home's today), by id."""
    return list_in_force(KIND, day=day, known_no=known_no)


def metric_in_force(metric: str, *, day: date, known_no: int | None = None) -> Version:
    """The version of a metric in force on a day. NotFound with the known ids otherwise."""
    return _in_force(metric, day, known_no, lambda name: versions(KIND, name, known_no=known_no))


def recipes(
    metric: str,
    periods: Sequence[Period],
    *,
    as_of: date,
    known_no: int | None = None,
    defined_on: date | None = None,
) -> list[Recipe]:
    """The recipe for each period: by the versions in force on its last day, or all on one day (`defined_on`). Each
    document is read once."""
    read = cache(lambda name: versions(KIND, name, known_no=known_no))
    day_of = cache(lambda day: _recipe(metric, day, known_no, read, as_of, ()))
    return [day_of(defined_on or period.end) for period in periods]


def definition_issues(found: Sequence[Recipe]) -> list[Issue]:
    """`definition_changed` when periods of one question are computed by different versions."""
    spelled = list(dict.fromkeys(one.version.reference for one in found))
    if len(spelled) < 2:
        return []
    message = f"The periods are computed by {' and '.join(spelled)}: they may not mean the same."
    return [Issue("definition_changed", "warning", message, object=spelled[-1])]


def _recipe(
    metric: str,
    day: date,
    known_no: int | None,
    read: Read,
    as_of: date,
    above: tuple[str, ...],
    credit: str | None = None,
) -> Recipe:
    if metric in above:
        raise WrongUse(f"{' -> '.join((*above, metric))}: a metric may not lead back to itself.")
    version = _in_force(metric, day, known_no, read)
    document: MetricDocument = version.document
    if document.fact is not None:
        if document.calc == "cohort":
            return Recipe(version, document, cohort_measures(document, as_of, credit))
        return Recipe(version, document, (measure_of(document, credit),))
    held = document.credit if "credit" in document.model_fields_set else credit

    def part(name: str) -> Recipe:
        return _recipe(name, day, known_no, read, as_of, (*above, metric), held)

    if document.calc == "ratio":
        names = (document.numerator or "", document.denominator or "")
        return Recipe(version, document, children=tuple(part(name) for name in names))
    terms = tuple(one for one in terms_of(parse_formula(document.formula or "")) if one.metric != DAYS)
    return Recipe(version, document, children=tuple(_in_way(part(one.metric), one.way) for one in terms), terms=terms)


def _in_way(recipe: Recipe, way: str | None) -> Recipe:
    """A stock as it was when the period began; a mean is taken from the cell of its quantile."""
    if way != "at_start":
        return recipe
    document = recipe.document.model_copy(update={"keep": "first"})
    return replace(recipe, document=document, own=tuple(replace(one, keep="first") for one in recipe.own))


def _in_force(metric: str, day: date, known_no: int | None, read: Read) -> Version:
    found = choose(read(metric), day)
    if found is None:
        known = ", ".join(one.id for one in list_in_force(KIND, day=day, known_no=known_no))
        raise NotFound(f'There is no metric "{metric}" in force on {day}.', hint=f"Known: {known or 'none'}.")
    return found
