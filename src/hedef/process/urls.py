"""Addresses of the deal pages."""

from django.urls import URLPattern, path, register_converter

from hedef.process import views


class DealId:
    """`D-10482` in an address is the number 10482."""

    regex = "D-[1-9][0-9]{0,17}"

    def to_python(self, text: str) -> int:
        return int(text[2:])

    def to_url(self, deal: int) -> str:
        return f"D-{deal}"


register_converter(DealId, "deal")

app_name = "process"
urlpatterns: list[URLPattern] = [
    path("process/deals", views.board, name="board"),
    path("process/deals/list", views.list_deals, name="list"),
    path("process/deals/new", views.new, name="new"),
    path("process/deals/accounts", views.accounts, name="accounts"),
    path("process/deals/<deal:deal>", views.deal, name="deal"),
    path("process/deals/<deal:deal>/criteria", views.answer, name="answer"),
    path("process/deals/<deal:deal>/edit", views.edit, name="edit"),
    path("process/deals/<deal:deal>/move", views.move, name="move"),
    path("process/deals/<deal:deal>/process", views.switch, name="switch"),
    path("process/", views.processes, name="processes"),
    path("process/trials", views.trials, name="trials"),
    path("process/trials/<slug:name>", views.trial, name="trial"),
    path("process/<slug:process>", views.process, name="process"),
    path("process/<slug:process>/health", views.health, name="health"),
    path("process/<slug:process>/improvements", views.log, name="improvements"),
    path("process/<slug:process>/exits", views.exits, name="exits"),
]
