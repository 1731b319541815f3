"""Addresses of the records' pages."""

from django.urls import URLPattern, path, register_converter

from hedef.records import views
from hedef.records.views.kinds import LISTS


class EntityId:
    """`P-17`: a letter of a kind and the number."""

    regex = "[A-Z]-[1-9][0-9]{0,17}"

    def to_python(self, text: str) -> str:
        return text

    def to_url(self, text: str) -> str:
        return text


class ListName:
    """`accounts`, `contacts` or `leads`."""

    regex = "|".join(LISTS)

    def to_python(self, text: str) -> str:
        return text

    def to_url(self, text: str) -> str:
        return text


register_converter(EntityId, "entity_id")
register_converter(ListName, "list_name")

app_name = "records"
urlpatterns: list[URLPattern] = [
    path("records/people/", views.people, name="people"),
    path("records/people/new", views.new_person, name="new_person"),
    path("records/teams/", views.teams, name="teams"),
    path("records/teams/new", views.new_team, name="new_team"),
    path("records/products/", views.products, name="products"),
    path("records/products/new", views.new_product, name="new_product"),
    path("records/currencies/", views.currencies, name="currencies"),
    path("records/currencies/<slug:verb>", views.currency_act, name="currency_act"),
    path("records/duplicates/", views.duplicates, name="duplicates"),
    path("records/duplicates/<slug:verb>", views.duplicate_act, name="duplicate_act"),
    path("records/<list_name:name>/", views.listed, name="list"),
    path("records/<slug:kind>/<entity_id:entity>", views.record, name="record"),
    path("records/<slug:kind>/<entity_id:entity>/<slug:verb>", views.act, name="act"),
]
