"""Addresses of the shell."""

from django.urls import URLPattern, path

app_name = "web"
urlpatterns: list[URLPattern] = []
