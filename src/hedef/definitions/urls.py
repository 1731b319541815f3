"""Addresses of documents: the list, one document, its editor."""

from django.urls import URLPattern, path

from hedef.definitions import views

app_name = "definitions"
urlpatterns: list[URLPattern] = [
    path("definitions/", views.documents, name="documents"),
    path("definitions/<slug:kind>/new", views.new, name="new"),
    path("definitions/<slug:kind>/<slug:doc_id>", views.document, name="document"),
    path("definitions/<slug:kind>/<slug:doc_id>/edit", views.edit, name="edit"),
    path("definitions/<slug:kind>/<slug:doc_id>/simulation", views.simulation, name="simulation"),
    path("definitions/<slug:kind>/<slug:doc_id>/step", views.step, name="step"),
]
