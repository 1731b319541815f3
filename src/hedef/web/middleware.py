"""Refusals become pages with a sentence, never a traceback."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from hedef.kernel.errors import HedefError
from hedef.web.errors import error_page


class ErrorPages:
    """Turns a `HedefError` that a view let through into its page (or its part, for htmx)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Django calls this for what a view raises; other exceptions stay faults."""
        return error_page(request, fault) if isinstance(fault, HedefError) else None
