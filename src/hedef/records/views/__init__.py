"""Pages of the records: people, teams, products, currencies, duplicates, and a plain page for every other record."""

from django.http import HttpRequest, HttpResponse

from hedef.records.views.currencies import currencies, currency_act
from hedef.records.views.duplicates import duplicate_act, duplicates
from hedef.records.views.kinds import listed, record_act
from hedef.records.views.kinds import record as plain
from hedef.records.views.people import new_person, people, person, person_act
from hedef.records.views.products import new_product, product, product_act, products
from hedef.records.views.teams import new_team, team, team_act, teams

__all__ = [
    "act",
    "currencies",
    "currency_act",
    "duplicate_act",
    "duplicates",
    "listed",
    "new_person",
    "new_product",
    "new_team",
    "people",
    "products",
    "record",
    "teams",
]

_PAGES = {"person": person, "team": team, "product": product}
_ACTS = {"person": person_act, "team": team_act, "product": product_act}


def record(request: HttpRequest, kind: str, entity: str) -> HttpResponse:
    """The page of one record: people, teams and products have their own."""
    if kind in _PAGES:
        return _PAGES[kind](request, entity=entity)
    return plain(request, kind=kind, entity=entity)


def act(request: HttpRequest, kind: str, entity: str, verb: str) -> HttpResponse:
    """What a form of a record's page asks for."""
    if kind not in _ACTS:
        return record_act(request, kind=kind, entity=entity, verb=verb)
    return _ACTS[kind](request, entity=entity, verb=verb)
