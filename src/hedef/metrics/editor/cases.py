"""The cases of a metric that people write: where they stand in the document, and what came of each."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from hedef.definitions.queries import Version, today
from hedef.definitions.showing import Proof
from hedef.facts.queries import calendar
from hedef.kernel.yaml_source import read_yaml
from hedef.metrics.engine.cases import Case, run_cases
from hedef.metrics.queries.documents import metrics_in_force
from hedef.metrics.schema import MetricDocument
from hedef.metrics.shipped import LIBRARY, shipped_cases, shipped_metrics

ENOUGH = 3


def begin(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body of a next version: cases that stand in a file of the library come into the document."""
    file = body.get("cases")
    path = LIBRARY / file if isinstance(file, str) and "/" not in file else None
    if path is None or not path.is_file():
        return body
    cases, _places = read_yaml(path.read_text(encoding="utf-8"), path.name)
    return {**body, "cases": cases}


def prove(version: Version) -> list[Proof]:
    """Every case of a version, and whether there are enough of them; those of a library file are checked with it."""
    document: MetricDocument = version.document
    others = {one.id: one.document for one in metrics_in_force(version.effective_from or today())}
    if document.cases_file is not None:
        shipped = shipped_metrics().get(document.id)
        same = shipped is not None and shipped.cases_file == document.cases_file
        if not same:
            said = _("The cases stand in a file that is not kept with the document: write them into it.")
            return [Proof(document.cases_file, False, said, ("cases",))]
        cases = shipped_cases(document)
        return [_ran(document, others, one, ()) for one in cases]
    written: list[dict[str, Any]] = [one for one in document.cases or () if isinstance(one, dict)]
    found = [_written(document, others, case, number) for number, case in enumerate(written)]
    return found + _enough(document, written)


def _written(
    document: MetricDocument, others: Mapping[str, MetricDocument], written: Mapping[str, Any], number: int
) -> Proof:
    path, name = ("cases", number), str(written.get("name") or "")
    try:
        case = Case.model_validate(written)
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return Proof(name, False, f"{place}: {first['msg']}".removeprefix(": "), path)
    return _ran(document, others, case, path)


def _ran(
    document: MetricDocument, others: Mapping[str, MetricDocument], case: Case, path: tuple[str | int, ...]
) -> Proof:
    try:
        issues = run_cases(document, others, [case], calendar())
    except (ValueError, KeyError, TypeError) as fault:  # a row or a period of the case that cannot be
        return Proof(case.name, False, str(fault), path)
    return Proof(case.name, not issues, _difference(issues[0].message) if issues else "", path)


def _difference(message: str) -> str:
    found = re.search(r'": (?P<wanted>.*) is expected, (?P<given>.*) comes out', message)
    if found is None:
        return message
    wanted, given = (re.sub(r"^None\b", str(_("no number")), found[side]) for side in ("wanted", "given"))
    return _("%(wanted)s is expected, %(given)s comes out.") % {"wanted": wanted, "given": given}


def _enough(document: MetricDocument, written: list[dict[str, Any]]) -> list[Proof]:
    """M10: three cases, and one in which there is nothing to divide by."""
    if len(written) < ENOUGH:
        said = _("%(count)s stand here, at least %(enough)s are needed.") % {"count": len(written), "enough": ENOUGH}
        return [Proof(_("enough cases"), False, said, ("cases",))]
    if document.calc in {"ratio", "quantile", "derived", "cohort"} and all(one.get("expect") for one in written):
        said = _("No case has nothing to count, expect: null.")
        return [Proof(_("a case with nothing to count"), False, said, ("cases",))]
    return []
