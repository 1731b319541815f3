"""A kind of document for tests, registered beside the real ones for the time of a test."""

from typing import Any, Literal

import pytest

from hedef.definitions import kinds, services
from hedef.kernel.definition import Document, Part
from hedef.kernel.issue import Issue


class Limit(Part):
    id: str
    days: int


class Ageing(Document):
    kind: Literal["ageing"]
    limits: list[Limit]


class Plan(Document):
    kind: Literal["target-plan"]
    total: int


def limits_rise(document: Ageing, locate: Any, file: str | None) -> list[Issue]:
    days = [limit.days for limit in document.limits]
    return [] if days == sorted(days) else [Issue("limits_fall", "error", "limits fall", object="limits")]


AGEING = kinds.DocumentKind(
    "ageing", Ageing, check=limits_rise, words=lambda one: {"en": f"{len(one.limits)} limits", "tr": "sınırlar"}
)
PLAN = kinds.DocumentKind("target-plan", Plan, simulate=lambda version: {"total": version.document.total})


@pytest.fixture(autouse=True)
def only_these_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", {"ageing": AGEING, "target-plan": PLAN})
    monkeypatch.setattr(services, "_approvers", [])


AGEING_TEXT = """\
kind: ageing
id: new-business
name: {en: Ageing, tr: Bekleme}
owner: operations
limits:
  - {id: needs, days: 14}
  - {id: proposal, days: 21}
"""


@pytest.fixture
def ageing() -> str:
    return AGEING_TEXT


@pytest.fixture
def plan() -> dict[str, Any]:
    return {
        "kind": "target-plan",
        "id": "sales-2017",
        "name": {"en": "Sales", "tr": "Satış"},
        "owner": "finance",
        "total": 3_300_000,
    }
