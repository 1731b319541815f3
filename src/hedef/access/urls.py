"""Addresses of access."""

from django.urls import URLPattern, path

from hedef.access import views

app_name = "access"
urlpatterns: list[URLPattern] = [path("access/reads", views.read_log, name="reads")]
