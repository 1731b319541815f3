"""Addresses of the Data pages."""

from django.urls import URLPattern, path

from hedef.intake import views

app_name = "intake"
urlpatterns: list[URLPattern] = [
    path("intake/", views.imports, name="imports"),
    path("intake/sources/", views.sources, name="sources"),
    path("intake/overrides/ask", views.ask, name="ask_override"),
    path("intake/overrides/<int:number>/agree", views.agree, name="agree_override"),
    path("intake/overrides/<int:number>/end", views.end, name="end_override"),
    path("intake/mappings/", views.mappings, name="mappings"),
    path("intake/mappings/<str:id>/", views.mapping, name="mapping"),
    path("intake/mappings/<str:id>/undo", views.undo_mapping, name="undo_mapping"),
    path("intake/fixes/", views.fixes, name="fixes"),
    path("intake/fixes/new", views.new_fix, name="new_fix"),
    path("intake/fixes/<int:number>/answer", views.answer_fix, name="answer_fix"),
    path("intake/upload", views.upload, name="upload"),
    path("intake/uploads/<str:token>/", views.draft, name="draft"),
    path("intake/uploads/<str:token>/cancel", views.cancel, name="cancel"),
    path("intake/imports/<str:number>/", views.job, name="job"),
    path("intake/imports/<str:number>/rejects.csv", views.rejects, name="rejects"),
]
