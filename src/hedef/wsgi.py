"""The WSGI application that granian serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hedef.settings")  # noqa: TID251 - Django reads it from there

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
