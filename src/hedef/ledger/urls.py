"""Addresses of the ledger's pages."""

from django.urls import URLPattern, path

from hedef.ledger import views

app_name = "ledger"
urlpatterns: list[URLPattern] = [
    path("ledger/", views.batches, name="ledger"),
    path("ledger/batches/", views.batches, name="batches"),
    path("ledger/batches/<str:number>/", views.batch, name="batch"),
    path("ledger/batches/<str:number>/undo/", views.undo, name="undo"),
    path("ledger/entities/<str:number>/", views.entity, name="entity"),
    path("ledger/entities/<str:number>/change/", views.change, name="change"),
    path("ledger/entities/<str:number>/split/", views.split, name="split"),
    path("ledger/entities/<str:number>/erase/", views.erase, name="erase"),
]
