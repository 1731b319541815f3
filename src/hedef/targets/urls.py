"""Addresses of the Performance page."""

from django.urls import URLPattern, path

from hedef.targets import views

app_name = "targets"
urlpatterns: list[URLPattern] = [
    path("targets/scoreboard", views.scoreboard, name="scoreboard"),
    path("targets/final", views.final, name="final"),
    path("targets/why", views.why, name="why"),
]
