"""A plan as it stands: its versions, and the lines of one of them."""

from typing import Any

from hedef.definitions import queries as definitions
from hedef.definitions.queries import Version
from hedef.kernel.errors import NotFound
from hedef.kernel.ids import spell
from hedef.kernel.scope import EVERYTHING, Scope
from hedef.targets.queries.lines import line_rows
from hedef.targets.queries.plans import KIND, metric_of
from hedef.targets.queries.scopes import scope_names, sees_scope
from hedef.targets.queries.show import step_json
from hedef.targets.schema import TargetPlan


def plan_lines(
    plan: str, *, version: int | None = None, period: str | None = None, scope: Scope = EVERYTHING
) -> tuple[Version, list[dict[str, Any]]]:
    """The lines of a version (none: the newest) as JSON rows, in the order in which they were written.

    NotFound for an unknown plan or version.
    """
    found = definitions.get(KIND, plan, version)
    document: TargetPlan = found.document
    unit, currency = metric_of(document).unit, document.metric.currency
    rows = [
        row
        for row in line_rows(plan, found.version)
        if period in (None, row["period"]) and sees_scope(scope, row["scope"])
    ]
    names = scope_names(row["scope"] for row in rows)
    keys = {row["entity"]: spell("target_line", row["entity"]) for row in rows}
    told = [
        {
            "line": keys[row["entity"]],
            "scope": row["scope"],
            "name": names.get(row["scope"]),
            "metric": document.metric.metric,
            "period": row["period"],
            "value": step_json(row["value"], unit, currency),
            "currency": currency,
            "origin": row["origin"],
            "parent": keys.get(row["parent"]),
            "floor": step_json(row["floor"], unit, currency),
            "stretch": step_json(row["stretch"], unit, currency),
        }
        for row in rows
    ]
    return found, told


def plan_json(
    plan: str | None = None, *, version: int | None = None, period: str | None = None, scope: Scope = EVERYTHING
) -> dict[str, Any]:
    """`hedef.targets/1`: every plan with its versions, and the lines of the named one."""
    if plan is not None and not definitions.versions(KIND, plan):
        names = ", ".join(one.id for one in definitions.list_documents(KIND))
        raise NotFound(f'There is no target plan "{plan}".', hint=f"Known: {names or 'none'}.")
    wanted = [plan] if plan is not None else [one.id for one in definitions.list_documents(KIND)]
    versions = {name: [_version(one) for one in definitions.versions(KIND, name)] for name in wanted}
    chosen, lines = (None, []) if plan is None else plan_lines(plan, version=version, period=period, scope=scope)
    return {
        "schema": "hedef.targets/1",
        "as_of": None,
        "known_at": None,
        "plan": None if chosen is None else f"{chosen.id}@{chosen.version}",
        "state": None if chosen is None else chosen.state,
        "plans": [{"id": name, "versions": told} for name, told in versions.items()],
        "lines": lines,
        "issues": [],
        "trust": {"level": "unknown", "reasons": []},
        "fingerprint": None if chosen is None else chosen.hash,
    }


def _version(version: Version) -> dict[str, Any]:
    body = version.body
    return {
        "version": version.version,
        "state": version.state,
        "effective_from": None if version.effective_from is None else version.effective_from.isoformat(),
        "metric": body["metric"]["is"],
        "lines": (body.get("lines") or {}).get("count", 0),
        "author": version.author,
        "approver": version.approver or None,
        "self_approved": version.self_approved,
        "reason": (body.get("change") or {}).get("reason"),
        "hash": version.hash,
    }
