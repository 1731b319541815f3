"""Pages of the shell itself."""

from django.http import HttpRequest, HttpResponse


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came without its token."""
    return HttpResponse("This form is too old. Go back, reload the page and send it again.", status=403)
