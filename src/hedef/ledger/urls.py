"""Addresses of the ledger's pages."""

from django.urls import URLPattern, path

from hedef.ledger import views

app_name = "ledger"
urlpatterns: list[URLPattern] = [
    path("ledger/batches/", views.batches, name="batches"),
    path("ledger/batches/<str:number>/", views.batch, name="batch"),
]
