"""What the tests of the room's pages share: the worked plan, visitors, and the words of a page."""

import re
from datetime import UTC, date, datetime
from html import unescape

from django.test import Client

from hedef.access.services import create_user
from hedef.targets.services import PlanOptions, SplitOrder, publish_plan, split_plan

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)


def visitor(username: str, *roles: str, person: int | None = None, email: str | None = None) -> Client:
    """A signed-in visitor."""
    made = create_user(username=username, name=username.title(), roles=list(roles), now=NOW, person=person, email=email)
    client = Client()
    client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
    return client


def words_of(html: str) -> str:
    """The words of a piece of HTML, as they are read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def make_plan(plan: str = "sales-2017", total: str = "3300000.00", **more: str) -> None:
    order = SplitOrder(
        plan=plan,
        period=more.get("period", "2017-Q3"),
        total=total,
        weights=more.get("weights", "won_value@2017-Q2"),
        round_to="1000.00",
        options=PlanOptions(metric=more.get("metric", "won_value")),
    )
    split_plan(order, actor="local", as_of=date(2017, 12, 31))
    publish_plan(plan=plan, actor="local", may_approve=True)
