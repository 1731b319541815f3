"""Addresses of the metric pages."""

from django.urls import URLPattern, path

from hedef.metrics import views

app_name = "metrics"
urlpatterns: list[URLPattern] = [
    path("metrics/", views.metrics, name="list"),
    path("metrics/<str:metric>/", views.metric, name="metric"),
    path("metrics/<str:metric>/rows", views.metric_rows, name="rows"),
    path("metrics/<str:metric>/why", views.metric_why, name="why"),
]
