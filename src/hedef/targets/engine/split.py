"""Top-down split (T2): level by level, in units of `round_to`, and parts always equal their whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median_low

from hedef.kernel.issue import Issue
from hedef.kernel.money import largest_remainder, round_half_away


@dataclass(frozen=True, slots=True)
class Node:
    """A scope and the scopes below it: company, teams of teams, people. The order of children breaks ties."""

    scope: str
    children: tuple["Node", ...] = ()

    @property
    def is_person(self) -> bool:
        return self.scope.startswith("person:")


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a split: `weight` is what it was cut by (none in the top line)."""

    scope: str
    value: int
    parent: str | None = None
    weight: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """How a split is cut: `round_to` in the unit's smallest step, `over_assign` as a share on top for people."""

    round_to: int = 1
    over_assign: Fraction = Fraction(0)
    no_history: str = "median"  # median | zero | ask


def split(
    total: int, *, root: Node, weights: Mapping[str, int | Fraction | None], rules: Rules
) -> tuple[list[Part], list[Issue]]:
    """Lines of the whole tree, the root first, children after their parent.

    `weights` holds one number a scope (none or not above 0: no history). Issues: `no_history` for each scope that took
    its siblings' median (error under `ask`, and then no lines), `split_without_history` where nobody had any.
    """
    issues: list[Issue] = []
    parts = [Part(root.scope, total)]
    _split_below(root, total, weights, rules, parts, issues)
    if any(issue.level == "error" for issue in issues):
        return [], issues
    return parts, issues


def _split_below(
    node: Node,
    total: int,
    weights: Mapping[str, int | Fraction | None],
    rules: Rules,
    parts: list[Part],
    issues: list[Issue],
) -> None:
    if not node.children:
        return
    used = _usable_weights(node, weights, rules, issues)
    values = largest_remainder(total, used, unit=rules.round_to)
    if rules.over_assign:
        values = _over_assigned(node, values, used, rules)
    for child, value, weight in zip(node.children, values, used, strict=True):
        parts.append(Part(child.scope, value, node.scope, weight))
        _split_below(child, value, weights, rules, parts, issues)


def _over_assigned(node: Node, values: Sequence[int], used: Sequence[Fraction], rules: Rules) -> list[int]:
    """People share `over_assign` more than their team's own number; teams below keep theirs."""
    people = [index for index, child in enumerate(node.children) if child.is_person]
    if not people:
        return list(values)
    raised = round_half_away(sum(values[index] for index in people) * (1 + rules.over_assign))
    shared = largest_remainder(raised, [used[index] for index in people], unit=rules.round_to)
    found = list(values)
    for index, value in zip(people, shared, strict=True):
        found[index] = value
    return found


def _usable_weights(
    node: Node, weights: Mapping[str, int | Fraction | None], rules: Rules, issues: list[Issue]
) -> list[Fraction]:
    known = {child.scope: Fraction(weights.get(child.scope) or 0) for child in node.children}
    having = [weight for weight in known.values() if weight > 0]
    without = [scope for scope, weight in known.items() if weight <= 0]
    if not without:
        return list(known.values())
    if not having:
        issues.append(_nobody(node))
        return [Fraction(1)] * len(node.children)
    middle = _median(having) if rules.no_history == "median" else Fraction(0)
    issues.extend(_no_history(scope, rules) for scope in without)
    return [weight if weight > 0 else middle for weight in known.values()]


def _median(values: Sequence[Fraction]) -> Fraction:
    ordered = sorted(values)
    return (median_low(ordered) + ordered[len(ordered) // 2]) / 2


def _no_history(scope: str, rules: Rules) -> Issue:
    did = {
        "median": "the median weight of its siblings was taken",
        "zero": "it got 0, as the plan says",
        "ask": "the plan wants to be asked",
    }[rules.no_history]
    return Issue(
        "no_history",
        "error" if rules.no_history == "ask" else "warning",
        f"{scope} has no history in the weights; {did}.",
        object=scope,
        hint="Give it a line of its own, or set split.no_history to median or zero.",
    )


def _nobody(node: Node) -> Issue:
    return Issue(
        "split_without_history",
        "warning",
        f"Nobody below {node.scope} has history in the weights; the parts are equal.",
        object=node.scope,
        hint="Choose another weight metric or period, headcount, or give the lines by hand.",
    )
