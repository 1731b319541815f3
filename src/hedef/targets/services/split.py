"""`hedef targets split`: a company's target becomes lines for teams and people (T2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from hedef.facts import queries as facts
from hedef.kernel.calendar import Calendar, Period
from hedef.kernel.errors import Refused, WrongUse
from hedef.kernel.issue import Issue
from hedef.kernel.org import OrgTree
from hedef.metrics.schema import MetricDocument
from hedef.targets.checks import metric_version
from hedef.targets.engine.given import GivenLine
from hedef.targets.engine.rollup import person_scope, team_scope
from hedef.targets.engine.split import Node, Rules, split
from hedef.targets.engine.units import ADDITIVE, to_steps
from hedef.targets.queries.actuals import actuals
from hedef.targets.queries.lines import given_lines
from hedef.targets.queries.people import Staff, staff
from hedef.targets.queries.potential import potentials
from hedef.targets.services.plans import PlanOptions, exact, measure_of, plan_data
from hedef.targets.services.versions import Measure, Saved, newest, save_version, start_of

LEVELS = ("team", "person")


@dataclass(frozen=True)
class SplitOrder:
    """What is to be split and how; what is left out is as the plan's document says, else as usual.

    Texts as a person writes them: `total` (none: the company's own line of the period) and `round_to` (1) in the
    metric's unit, `over_assign` (0) as a share, `weights` (equal) METRIC@PERIOD, equal or headcount.
    """

    plan: str
    period: str
    total: str | None = None
    weights: str | None = None
    round_to: str | None = None
    over_assign: str | None = None
    no_history: str | None = None
    levels: Sequence[str] = ()
    manual: Mapping[str, str] = field(default_factory=dict)  # scope -> weight
    options: PlanOptions = field(default_factory=PlanOptions)


@dataclass(frozen=True)
class SplitAnswer:
    """The version made (a draft), its lines of this period, and what was noticed."""

    saved: Saved | None
    lines: tuple[GivenLine, ...]
    measure: Measure
    issues: tuple[Issue, ...]


def split_plan(order: SplitOrder, *, actor: str, as_of: date, dry_run: bool = False) -> SplitAnswer:
    """Split a target level by level and keep the lines as the plan's next draft.

    The org tree is that of the period's first day; the history of the weights is read as of `as_of`. Lines that a
    former split made for this period are replaced, lines of other periods stay. Issues: `no_history`,
    `split_without_history`. WrongUse for options that cannot be; Refused for a metric that is not additive.
    """
    calendar = facts.calendar()
    period = _period(order.period, calendar)
    before = newest(order.plan)
    data = plan_data(order.plan, before, order.options, base_currency=calendar.base_currency)
    metric, measure = measure_of(data)
    if metric.calc not in ADDITIVE:
        raise _not_additive(metric)
    order = _settled(order, data.get("split", {}))
    lines, issues = _cut(order, period, measure, calendar, as_of)
    if dry_run:
        return SplitAnswer(None, lines, measure, issues)
    kept = [] if before is None else given_lines(order.plan, before.version)
    saved = save_version(
        plan=order.plan,
        body=_with_split(data, order, period, order.options.starts or start_of(lines, calendar, before)),
        given=lines,
        measure=measure,
        actor=actor,
        calendar=calendar,
        reason=order.options.reason,
        replaced=[line.key for line in kept if line.period == period.id and line.origin == "split"],
    )
    return SplitAnswer(saved, lines, measure, issues)


def _settled(order: SplitOrder, said: Mapping[str, Any]) -> SplitOrder:
    def choose(given: str | None, name: str, usual: str) -> str:
        return given if given is not None else str(said.get(name, usual))

    return replace(
        order,
        weights=choose(order.weights, "weights", "equal"),
        round_to=choose(order.round_to, "round_to", "1"),
        over_assign=choose(order.over_assign, "over_assign", "0"),
        no_history=choose(order.no_history, "no_history", "median"),
        levels=tuple(order.levels or said.get("levels", LEVELS)),
        manual=dict(order.manual or said.get("manual", {})),
    )


def _not_additive(metric: MetricDocument) -> Refused:
    return Refused(
        f"{metric.id} cannot be divided: a level target is repeated for teams and people, never split.",
        hint="Give each level its own line with hedef targets import.",
        code="not_additive",
    )


def _cut(
    order: SplitOrder, period: Period, measure: Measure, calendar: Calendar, as_of: date
) -> tuple[tuple[GivenLine, ...], tuple[Issue, ...]]:
    people = staff(pin=facts.pin(), period=period, day=period.start)
    root = _tree(people, order.levels)
    weights = _weights(order, root, calendar, as_of, measure, period.start)
    total = _total(order, period, measure)
    parts, issues = split(total, root=root, weights=weights, rules=_rules(order, measure))
    if not parts:
        first = next(issue for issue in issues if issue.level == "error")
        raise Refused(f"Nothing was split: {first.message}", hint=first.hint, issues=issues)
    lines = tuple(
        GivenLine(
            scope=part.scope,
            period=period.id,
            value=part.value,
            origin="split" if part.parent else "manual",
            parent=(part.parent, period.id) if part.parent else None,
        )
        for part in parts
    )
    return lines, tuple(issues)


def _period(text: str, calendar: Calendar) -> Period:
    try:
        return calendar.period(text)
    except ValueError as fault:
        raise WrongUse(f"--period: {fault}.") from fault


def _rules(order: SplitOrder, measure: Measure) -> Rules:
    step, rounded = to_steps(exact(order.round_to or "1", "--round-to"), measure.unit, measure.currency)
    if step < 1 or rounded:
        raise WrongUse(f'--round-to: "{order.round_to}" is no whole step of {measure.currency or measure.unit}.')
    over = Fraction(exact(order.over_assign or "0", "--over-assign"))
    if not 0 <= over <= 1:
        raise WrongUse(f'--over-assign: "{order.over_assign}" is no share from 0 to 1.', hint="0.05 is 5 per cent.")
    without = order.no_history or "median"
    if without not in {"median", "zero", "ask"}:
        raise WrongUse(f'--no-history: "{without}" is none of median, zero, ask.')
    return Rules(step, over, without)


def _total(order: SplitOrder, period: Period, measure: Measure) -> int:
    if order.total is not None:
        steps, rounded = to_steps(exact(order.total, "--total"), measure.unit, measure.currency)
        if rounded:
            raise WrongUse(f'--total: "{order.total}" has more decimals than {measure.currency or measure.unit}.')
        return steps
    before = newest(order.plan)
    lines = [] if before is None else given_lines(order.plan, before.version)
    own = next((line.value for line in lines if line.key == ("company", period.id)), None)
    if own is None:
        raise WrongUse(
            f"{order.plan} has no line of the company for {period.id} to split.", hint="Give it: --total 3300000.00"
        )
    return own


def _tree(people: Staff, levels: Sequence[str]) -> Node:
    """The scopes to be cut: teams in tree order with their people, or only one of the levels."""
    unknown = [level for level in levels if level not in LEVELS]
    if unknown or not levels:
        raise WrongUse(f'--levels: "{", ".join(unknown) or ""}" is none of team, person.', hint="--levels team,person")
    tree = people.tree
    if "team" not in levels:
        found = Node("company", tuple(Node(person_scope(person)) for person in sorted(people.carriers)))
    else:
        roots = tuple(
            _team(tree, team, people.carriers, "person" in levels) for team in _staffed(tree, None, people.carriers)
        )
        found = Node("company", roots)
    if not found.children:
        raise WrongUse(
            "There is nobody to split among: no team or rep on the first day of the period.",
            hint="Teams come with the people: a user file with the role of each (UserRole.Name, Role), or a file with "
            "the columns sales_agent, manager, regional_office. Import one, or choose a later period.",
        )
    return found


def _team(tree: OrgTree, team: int, carriers: frozenset[int], with_people: bool) -> Node:
    below = tuple(_team(tree, child, carriers, with_people) for child in _staffed(tree, team, carriers))
    mine = [person for person in sorted(tree.members(team)) if person in carriers and tree.team_of(person) == team]
    people = tuple(Node(person_scope(person)) for person in mine) if with_people else ()
    return Node(team_scope(team), (*below, *people))


def _staffed(tree: OrgTree, team: int | None, carriers: frozenset[int]) -> list[int]:
    """The teams below that have somebody to carry a target; all of them where none has."""
    children = tree.children(team)
    return [one for one in children if carriers.intersection(tree.members(one, deep=True))] or children


def _scopes(node: Node) -> list[str]:
    return [scope for child in node.children for scope in (child.scope, *_scopes(child))]


def _weights(
    order: SplitOrder, root: Node, calendar: Calendar, as_of: date, measure: Measure, day: date
) -> Mapping[str, int | Fraction | None]:
    scopes = _scopes(root)
    if order.weights == "equal":
        return dict.fromkeys(scopes, 1)
    if order.weights == "headcount":
        return _headcount(root)
    if order.weights == "manual":
        return _by_hand(order, scopes)
    if order.weights == "potential":
        return potentials(root, day)
    name, at, period_text = (order.weights or "").partition("@")
    found = metric_version(name)
    if not at or found is None:
        raise WrongUse(
            f'--weights: "{order.weights}" is none of equal, headcount, potential, manual or METRIC@PERIOD.',
            hint="For example won_value@2017-Q2",
        )
    metric: MetricDocument = found.document
    period = _period(period_text, calendar)
    levels = sorted({"person" if scope.startswith("person:") else "team" for scope in scopes})
    currency = measure.currency if metric.unit == "money" else None
    read = actuals(metric.id, by=levels, periods=[period], as_of=as_of, pinned=facts.pin(), currency=currency).of(
        period
    )
    return {scope: None if (value := read.get(scope)) is None else Fraction(value) for scope in scopes}


def _by_hand(order: SplitOrder, scopes: Sequence[str]) -> dict[str, Fraction | None]:
    """The weights that somebody gave. WrongUse for scopes that are not part of the split."""
    strange = sorted(set(order.manual) - set(scopes))
    if strange or not order.manual:
        raise WrongUse(
            f"weights: {', '.join(strange[:5]) or 'no scope'} is no part of this split.",
            hint="Give a weight to teams and people of the first day: --weight team:T-2=3",
        )
    return {scope: Fraction(exact(order.manual[scope], scope)) if scope in order.manual else None for scope in scopes}


def _headcount(node: Node) -> dict[str, int]:
    found: dict[str, int] = {}

    def count(one: Node) -> int:
        if one.is_person:
            found[one.scope] = 1
        else:
            found[one.scope] = sum(count(child) for child in one.children)
        return found[one.scope]

    count(node)
    return found


def _with_split(data: Mapping[str, Any], order: SplitOrder, period: Period, starts: date | None) -> dict[str, Any]:
    """The plan says how its newest split was made, and which periods it has numbers of its own for."""
    use: dict[str, Any] = {"weights": order.weights, "round_to": order.round_to, "no_history": order.no_history}
    use["levels"] = list(order.levels)
    if order.weights == "manual":
        use["manual"] = dict(order.manual)
    if Fraction(exact(order.over_assign or "0", "--over-assign")):
        use["over_assign"] = order.over_assign
    if order.total is not None:
        use["total"] = order.total
    had = data.get("period", {}).get("is", [])
    names = sorted({*([had] if isinstance(had, str) else had), period.id})
    found = {**data, "period": {"calendar": "company", "is": names[0] if len(names) == 1 else names}, "split": use}
    return found if starts is None else {**found, "effective_from": starts.isoformat()}
