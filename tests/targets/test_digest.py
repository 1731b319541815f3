"""The digest by mail: what it says, to whom, once, tried again, and stopped by its reader."""

import email
import re
import socket
from dataclasses import replace
from datetime import UTC, date, datetime
from email import policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from hedef.access.models import User
from hedef.kernel.errors import Refused, WrongUse
from hedef.settings import mailers
from hedef.targets.models import DigestMail
from hedef.targets.services import digests
from tests.targets.pages import make_plan, visitor, words_of

THURSDAY = datetime(2017, 8, 31, 9, tzinfo=UTC)
KEY = "weekly:2017-W35"


@pytest.fixture
def worked(maven, settings):
    settings.HEDEF = replace(settings.HEDEF, today=date(2017, 8, 31), address="https://hedef.example.com")
    settings.MAILERS = mailers(settings.HEDEF)
    make_plan()
    return maven


@pytest.fixture
def darcel(worked):
    visitor("darcel", "rep", person=worked.people["Darcel Schlecht"], email="darcel@example.com")
    return User.objects.get(username="darcel")


def mails_in(folder: Path) -> list[email.message.EmailMessage]:
    """The mails of the file backend, oldest first."""
    found = []
    for file in sorted(folder.glob("*.log")) if folder.is_dir() else []:
        text = file.read_text(encoding="utf-8").partition("\n" + "-" * 79)[0]
        found.append(email.message_from_string(text, policy=policy.default))
    return found


def test_a_digest_tells_the_own_goals_the_team_and_what_waits(darcel, settings):
    assert digests.send_digest(user=darcel.pk, key=KEY) == "sent"
    (mail,) = mails_in(settings.HEDEF.mail_dir)
    text = mail.get_body(("plain",)).get_content()
    assert (mail["To"], mail["From"]) == ("darcel@example.com", "Hedef <hedef@localhost>")
    assert mail["Subject"] == "Your week: 80.0% of the target, 31 Aug 2017"
    assert "- Q3 2017: $237k of $296k, 80.0%" in text
    assert "Marxen: 7" in text
    assert "https://hedef.example.com/targets/me" in text
    assert "Gladys Colclough" not in text
    assert "<script" not in mail.get_body(("html",)).get_content()
    assert mail["List-Unsubscribe"].startswith("<https://hedef.example.com/targets/digest?key=")


def test_a_digest_goes_out_once_a_week_and_never_twice(darcel, settings):
    assert digests.due_digests(THURSDAY) == [digests.Due(darcel.pk, KEY)]
    assert digests.send_digest(user=darcel.pk, key=KEY) == "sent"
    assert digests.send_digest(user=darcel.pk, key=KEY) == "was sent"
    assert digests.due_digests(THURSDAY) == []
    assert len(mails_in(settings.HEDEF.mail_dir)) == 1
    assert digests.send_digest(user=darcel.pk, key=KEY, again=True) == "sent"


def test_nothing_is_due_at_night_on_a_holiday_or_before_the_first_working_day(darcel):
    def due(*when: int) -> list[str]:
        return [one.key for one in digests.due_digests(datetime(*when, tzinfo=UTC))]

    assert due(2017, 8, 31, 6) == []
    assert due(2017, 9, 4, 9) == []  # Labor Day, a Monday
    assert due(2017, 9, 5, 9) == ["weekly:2017-W36"]
    digests.choose_digest(user=darcel, how="daily")
    assert due(2017, 8, 31, 9) == ["daily:2017-08-31"]
    assert due(2017, 9, 2, 9) == []  # a Saturday
    digests.choose_digest(user=darcel, how="none")
    assert due(2017, 8, 31, 9) == []
    with pytest.raises(WrongUse):
        digests.choose_digest(user=darcel, how="hourly")


def test_a_user_without_address_role_or_open_account_gets_none(worked):
    visitor("ada", "operations")
    visitor("bob", "operations", email="bob@example.com")
    visitor("eve", email="eve@example.com")
    User.objects.filter(username="bob").update(is_active=False)
    assert digests.due_digests(THURSDAY) == []


def test_a_digest_speaks_the_language_of_its_reader(darcel, settings):
    User.objects.filter(pk=darcel.pk).update(language="tr")
    digests.send_digest(user=darcel.pk, key=KEY)
    (mail,) = mails_in(settings.HEDEF.mail_dir)
    assert mail["Subject"] == "Haftanız: hedefin %80,0 kadarı, 31.08.2017"
    assert "tempoya göre" in mail.get_body(("plain",)).get_content()


def test_operations_reads_about_the_company(worked, settings):
    visitor("defne", "operations", email="defne@example.com")
    digests.send_digest(user=User.objects.get(username="defne").pk, key=KEY)
    (mail,) = mails_in(settings.HEDEF.mail_dir)
    text = mail.get_body(("plain",)).get_content()
    assert "$1.75M of $3.30M, 52.9%" in text
    assert "Worth a look" in text


def test_one_click_ends_the_mails_and_the_choice_brings_them_back(darcel, settings):
    digests.send_digest(user=darcel.pk, key=KEY)
    (mail,) = mails_in(settings.HEDEF.mail_dir)
    address = re.search(r"<https://hedef.example.com(.*)>", mail["List-Unsubscribe"])[1]
    program = Client(enforce_csrf_checks=True)
    assert program.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert digests.chosen(darcel) == "none"
    page = program.get(address)
    assert 'value="none" checked' in page.text
    assert "You get it on every working day." in words_of(program.post(address, {"how": "daily"}).text)
    assert digests.chosen(darcel) == "daily"
    assert program.get("/targets/digest?key=guessed").status_code == 403


class _Keeping:
    """A mail server that keeps what it takes, and refuses as long as it is told to."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.refuses = False

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - names of aiosmtpd
        if self.refuses:
            return "451 try again later"
        self.kept.append(envelope.content)
        return "250 taken"


@pytest.fixture
def server(settings):
    keeping = _Keeping()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(keeping, hostname="127.0.0.1", port=port)
    controller.start()
    settings.MAILERS = mailers(replace(settings.HEDEF, mail=f"smtp://127.0.0.1:{port}?tls=none"))
    yield keeping
    controller.stop()


def test_a_reader_who_is_signed_in_needs_no_link_of_a_mail(darcel):
    reader = Client()
    assert reader.get("/targets/digest").status_code == 403
    reader.force_login(darcel, backend="django.contrib.auth.backends.ModelBackend")
    assert reader.get("/targets/digest", follow=True).status_code == 200


def test_a_mail_arrives_at_a_server(darcel, server):
    digests.send_digest(user=darcel.pk, key=KEY)
    (content,) = server.kept
    mail = email.message_from_bytes(content, policy=policy.default)
    assert mail["Message-ID"] == f"<weekly.2017-W35.{darcel.pk}@hedef>"
    assert "80.0%" in mail.get_body(("plain",)).get_content()


def test_a_server_that_refuses_leaves_the_mail_waiting(darcel, server):
    import smtplib

    server.refuses = True
    with pytest.raises(smtplib.SMTPException):
        digests.send_digest(user=darcel.pk, key=KEY)
    assert digests.due_digests(THURSDAY) == [digests.Due(darcel.pk, KEY)]
    server.refuses = False
    assert digests.send_digest(user=darcel.pk, key=KEY) == "sent"
    assert (len(server.kept), DigestMail.objects.get().tries) == (1, 2)


def test_a_mail_without_an_answer_is_not_sent_twice(darcel):
    DigestMail.objects.create(user=darcel, key=KEY, state="sending", tries=1)
    assert digests.due_digests(THURSDAY) == []
    with pytest.raises(Refused, match="it may have arrived"):
        digests.send_digest(user=darcel.pk, key=KEY)


def test_the_command_shows_a_digest_and_writes_nothing(darcel, settings, capsys):
    from hedef import cli

    assert cli.run(["targets", "digest", "--person", "darcel", "--dry-run"]) == 0
    assert "Your week: 80.0% of the target" in capsys.readouterr().out
    assert not settings.HEDEF.mail_dir.exists()
    assert not DigestMail.objects.exists()
