"""Addresses of the pages of jobs."""

from django.urls import URLPattern, path

from hedef.jobs import views

app_name = "jobs"
urlpatterns: list[URLPattern] = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<str:id>/", views.one, name="job"),
    path("jobs/<str:id>/retry", views.retry, name="retry"),
    path("jobs/<str:id>/stop", views.stop, name="stop"),
]
