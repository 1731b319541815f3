"""Addresses of the calendar's pages."""

from django.urls import URLPattern, path

from hedef.facts import views

app_name = "facts"
urlpatterns: list[URLPattern] = [
    path("facts/calendars/", views.calendars, name="calendars"),
    path("facts/calendars/propose", views.propose, name="propose"),
    path("facts/calendars/<int:version>/approve", views.approve, name="approve"),
    path("facts/calendars/<int:version>/withdraw", views.withdraw, name="withdraw"),
]
