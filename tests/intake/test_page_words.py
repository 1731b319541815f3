"""What a new user reads on the pages of data: one name for one thing, and what happens said before it happens."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hedef.intake import naming
from hedef.jobs.naming import rhythm_words
from hedef.ledger.views.shown import _of_json
from hedef.web.trust import CHECKS
from tests.ledger.test_pages import text_of, user

ROWS = b"""Deal ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Closed Lost Reason,Colour
7,Van,Appointment Scheduled,Sales Pipeline,5,2024-05-13,2024-05-01,,red
"""


@pytest.fixture
def defne(home):
    return user("defne", "operations")


def upload(client, name="deals.csv", data=ROWS):
    return client.post("/intake/upload", {"files": SimpleUploadedFile(name, data)}, follow=True)


def test_bytes_that_are_no_file_are_refused_in_the_page(defne):
    page = upload(defne, "broken.csv", bytes(range(256)) * 40)
    assert page.status_code == 200
    assert 'class="alert bad" role="alert"' in page.text
    assert "broken.csv" in text_of(page)


def test_a_very_long_header_is_shortened(defne):
    page = upload(defne, "long.csv", b"x" * 3000 + b",Email\n1,a@b.c\n")
    assert "x" * 600 not in text_of(page)


def test_the_currency_of_a_file_without_one_is_said_before_it_is_imported(defne):
    assert "amounts are read in USD" in text_of(upload(defne))


def test_an_upload_that_waits_says_its_day_and_rows_and_can_be_removed(defne):
    token = upload(defne).redirect_chain[-1][0].split("/")[-2]
    page = defne.get("/intake/")
    assert "1 row" in text_of(page)
    assert f'action="/intake/uploads/{token}/cancel"' in page.text
    defne.post(f"/intake/uploads/{token}/cancel")
    assert token not in defne.get("/intake/").text


def test_a_column_is_kept_as_a_field_of_its_own_and_shown_on_the_record(defne):
    from hedef.records.models import MODELS

    page = upload(defne)
    address = page.redirect_chain[-1][0]
    stored = page.text.split('name="column:')[1].split(":")[0]
    kept = defne.post(address, {f"column:{stored}:Colour": "custom", f"was:{stored}:Colour": "-"}, follow=True)
    assert "A field of its own" in text_of(kept)
    defne.post(address, {"import": "1"}, follow=True)
    assert json.loads(MODELS["deal"].objects.get().extra) == {"Colour": "red"}


def test_a_check_has_one_name_on_every_page():
    assert {code: str(naming.check_words(code)) for code in CHECKS} == {code: str(one) for code, one in CHECKS.items()}


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("40 3 * * *", "every day at 03:40"),
        ("*/10 * * * * *", "every 10 seconds"),
        ("*/5 * * * *", "every 5 minutes"),
        ("7 * * * *", "every hour at minute 7"),
        ("0 8 * * 1", "0 8 * * 1"),
    ],
)
def test_the_clock_is_told_in_words(cron, words):
    assert rhythm_words(cron) == words


def test_a_value_with_parts_is_told_without_its_brackets():
    assert _of_json('{"id": "won_value", "version": 2, "stages": [1, 2]}') == "id: won_value, version: 2"
    assert _of_json('[{"person": 7, "share_bp": 5000}]') == "person: 7, share_bp: 5000"
    assert _of_json("{no json") == "{no json"
