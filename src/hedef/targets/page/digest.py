"""The digest: what a user should know about the goals, in the user's language, as text and as simple HTML."""

from dataclasses import dataclass
from html import unescape
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.signing import BadSignature
from django.template.loader import render_to_string
from django.utils import translation

from hedef.access.models import User
from hedef.access.queries import actor_of
from hedef.call import Call
from hedef.metrics.page.shown import in_words
from hedef.settings import now
from hedef.targets.page.looks import Look, looks
from hedef.targets.page.me import Goal, Said, Subject, Waiting, goals, notices_of, subject_of, waiting_deals
from hedef.targets.page.tree import lines_of, past_of

SALT = "targets.digest"
LOOKS = 5


@dataclass(frozen=True)
class Digest:
    """One mail, ready to be sent. `stop` is the address at which its reader chooses how often, or never."""

    user: User
    to: str
    subject: str
    text: str
    html: str
    stop: str


@dataclass(frozen=True)
class Content:
    """What the templates say."""

    name: str
    goals: tuple[Goal, ...]
    main: Goal
    looks: tuple[Look, ...]
    notices: tuple[Said, ...]
    deals: tuple[Waiting, ...]
    deals_count: int


def digest_of(user: User, *, kind: str, as_of: str = "") -> Digest:
    """The digest of a user as of a day (now without one). `kind`: weekly or daily."""
    with translation.override(user.language or "en"):
        call = Call(now=now(), username=user.username, as_of_text=as_of or None)
        call.actor = actor_of(user)
        content = _content(call, user)
        stop = f"{settings.HEDEF.address}/targets/digest?{_query(user)}"
        context: dict[str, Any] = {
            "content": content,
            "kind": kind,
            "day": call.as_of,
            "address": settings.HEDEF.address,
            "stop": stop,
            "metric": "" if content.main.board is None else in_words(content.main.board.metric.name),
        }
        text = _tidy(render_to_string("targets/mail/digest_text.html", context))
        return Digest(
            user=user,
            to=user.email or "",
            subject=" ".join(unescape(render_to_string("targets/mail/subject.html", context)).split()),
            text=text,
            html=render_to_string("targets/mail/digest.html", context),
            stop=stop,
        )


def _content(call: Call, user: User) -> Content:
    found = subject_of(call, None)
    company = Subject(user.person or 0, user.name, "company", frozenset())
    about = found or company
    told = goals(call, about)
    main = next((one for one in told if one.kind == "quarter"), told[0])
    deals, count = waiting_deals(call, found) if found is not None else ([], 0)
    return Content(
        name=user.name,
        goals=tuple(told),
        main=main,
        looks=tuple(_looks(main)),
        notices=tuple(notices_of(found.person)) if found is not None else (),
        deals=tuple(deals[:LOOKS]),
        deals_count=count,
    )


def _looks(main: Goal) -> list[Look]:
    """What is worth a look of those whom the reader leads; a rep's own line stands above already."""
    board = main.board
    if board is None:
        return []
    lines = lines_of(main.asked, board, past_of(main.asked, board))
    found, _count = looks(main.asked, board, [one for one in lines if one.scope != main.asked.focus], every=False)
    return found[:LOOKS]


def _tidy(text: str) -> str:
    """At most one empty line in a row: templates leave more where they had nothing to say."""
    kept: list[str] = []
    for line in (one.rstrip() for one in text.strip().splitlines()):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept) + "\n"


# --- who follows the link of a mail


def _query(user: User) -> str:
    return f"key={signing.dumps(user.pk, salt=SALT)}"


def reader_of(key: str) -> User | None:
    """The user whom a mail was sent to; none for a wrong key. It chooses how often, and nothing else."""
    try:
        return User.objects.filter(pk=signing.loads(key, salt=SALT)).first()
    except (BadSignature, ValueError, TypeError):
        return None
