"""The WSGI application that granian serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hedef.settings")  # noqa: TID251 - Django reads it from there

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from hedef.web.process import Requests, collect_between, watched

_requests = Requests()
application = watched(get_wsgi_application(), _requests)


def _warm() -> None:
    """Every page's modules, and the facts if there are any."""
    from hedef.facts.services import warm

    get_resolver().url_patterns  # noqa: B018 - the first request would import them
    warm()


collect_between(_requests, _warm)
