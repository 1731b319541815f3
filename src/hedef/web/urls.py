"""Addresses of the shell."""

from django.urls import URLPattern, path

from hedef.web import views

app_name = "web"
urlpatterns: list[URLPattern] = [
    path("", views.start, name="start"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/guest/", views.sign_in_guest, name="sign_in_guest"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("language/", views.language, name="language"),
    path("theme/", views.theme, name="theme"),
]
