"""Every address of a home: the API, the shell's own pages, and the pages each room offers."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path, re_path

from hedef.api import api, unknown

# rooms with pages; a room's `urls.py` says its own addresses, such as /targets/scoreboard
PAGES = ("targets", "process", "intake", "records", "facts", "metrics", "definitions", "ledger", "jobs", "access")

urlpatterns: list[URLPattern | URLResolver] = [path("api/v1/", api.urls), re_path("^api/", unknown)]
urlpatterns += [path("", include("hedef.web.urls"))]
urlpatterns += [path("", include(f"hedef.{room}.urls")) for room in PAGES if find_spec(f"hedef.{room}.urls")]

handler400 = "hedef.web.views.wrong_request"
handler403 = "hedef.web.views.not_allowed"
handler404 = "hedef.web.views.not_found"
handler500 = "hedef.web.views.broken"
