"""Digests by mail: who is due, each sent once, tried again where the server refused."""

import smtplib
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from hedef.access.models import User
from hedef.facts.queries import calendar
from hedef.kernel.calendar import Calendar
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.settings import now
from hedef.targets.mailing import HOW, DigestChoice, DigestMail
from hedef.targets.page.digest import Digest, digest_of

FROM_HOUR = 7  # of the company's zone
NOT_TAKEN = (smtplib.SMTPException, OSError)  # the server did not take the mail: it may be tried again


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that should go out."""

    user: int
    key: str


def choose_digest(*, user: User, how: str) -> None:
    """How often the user wants the digest: weekly, daily or none. WrongUse for another word."""
    if how not in HOW:
        raise WrongUse(f'"{how}" is no choice.', hint=f"Choices: {', '.join(HOW)}.")
    DigestChoice.objects.update_or_create(user=user, defaults={"how": how})


def chosen(user: User) -> str:
    """How often the user wants it; weekly where nothing was chosen."""
    found = DigestChoice.objects.filter(user=user).first()
    return "weekly" if found is None else found.how


def due_digests(moment: datetime | None = None) -> list[Due]:
    """Mails that are due and not sent: weekly ones from seven on the first working day of a week, daily ones on every
    working day. Users without an address, role or open account get none."""
    at = moment or now()
    company = calendar()
    local = at.astimezone(ZoneInfo(company.time_zone))
    if local.hour < FROM_HOUR:
        return []
    day = local.date()
    keys = {"weekly": _weekly(company, day), "daily": _daily(company, day)}
    choices = dict(DigestChoice.objects.values_list("user_id", "how"))
    sent = set(
        DigestMail.objects.filter(key__in=[one for one in keys.values() if one])
        .exclude(state="waiting")
        .values_list("user_id", "key")
    )
    found = []
    for user in User.objects.filter(is_active=True, email__isnull=False).exclude(email="").order_by("pk"):
        key = keys.get(choices.get(user.pk, "weekly"))
        if key and user.roles and (user.pk, key) not in sent:
            found.append(Due(user.pk, key))
    return found


def _weekly(company: Calendar, day: date) -> str | None:
    """The week's key from its first working day on."""
    week = company.period_of(day, "week")
    return f"weekly:{week.id}" if company.working_half_days(week.start, day) else None


def _daily(company: Calendar, day: date) -> str | None:
    return f"daily:{day}" if company.working_half_days(day, day) else None


def key_for(kind: str, day: date) -> str:
    """The key of a mail of this kind on a day. WrongUse for another kind."""
    if kind == "weekly":
        return f"weekly:{calendar().period_of(day, 'week').id}"
    if kind == "daily":
        return f"daily:{day}"
    raise WrongUse(f'"{kind}" is no kind of digest.', hint="Kinds: weekly, daily.")


def send_digest(*, user: int, key: str, again: bool = False) -> str:
    """Send one digest: `sent`, or `was sent` where it had gone out already. `again` sends it all the same.

    A server that does not take it leaves it waiting and its error goes on, so that the job is repeated. Refused where
    a former try ended without an answer: it may have arrived, and nobody gets a mail twice.
    """
    reader = User.objects.filter(pk=user).first()
    if reader is None or not reader.email:
        raise NotFound(f"User {user} has no mail address.", hint="hedef access user set NAME --email ADDRESS")
    if not _claim(reader, key, again=again):
        return "was sent"
    mail = digest_of(reader, kind=key.partition(":")[0])
    try:
        _send(mail, key)
    except NOT_TAKEN:
        DigestMail.objects.filter(user=reader, key=key).update(state="waiting")
        raise
    DigestMail.objects.filter(user=reader, key=key).update(state="sent", sent_at=timezone.now())
    return "sent"


def _claim(reader: User, key: str, *, again: bool) -> bool:
    """Take the mail for sending; false where it was sent. Two workers cannot both have it."""
    with transaction.atomic():
        row, _made = DigestMail.objects.select_for_update().get_or_create(user=reader, key=key)
        if row.state == "sent" and not again:
            return False
        if row.state == "sending" and not again:
            raise Refused(
                f"The digest {key} of {reader.username} was handed over and no answer came: it may have arrived.",
                hint=f"hedef targets digest --person {reader.username} --again sends it once more.",
                code="may_have_arrived",
            )
        row.state, row.tries = "sending", row.tries + 1
        row.save(update_fields=["state", "tries"])
    return True


def _send(mail: Digest, key: str) -> None:
    name = key.replace(":", ".")
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        headers={
            "List-Unsubscribe": f"<{mail.stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<{name}.{mail.user.pk}@hedef>",  # a server that got it before can tell
        },
    )
    message.attach_alternative(mail.html, "text/html")
    message.send(using="default")
