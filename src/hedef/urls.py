"""Every address of a home: the shell's own, and the pages each room offers."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("", include("hedef.web.urls"))]
