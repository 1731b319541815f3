"""Components of the pages as a template writes them."""

from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from hedef.kernel.trust import Trust


def render(text, **context):
    request = RequestFactory().get("/list/", {"team": "east", "page": "2"})
    request.user = SimpleNamespace(is_authenticated=False)
    return engines["django"].from_string("{% load i18n hedef %}" + text).render(context, request)


@pytest.mark.parametrize(
    ("language", "label"), [("en", "44.5% of target, pace 46.0%"), ("tr", "hedefin %44,5 kadarı, tempo %46,0")]
)
def test_a_bar_says_its_numbers_to_who_cannot_see_it(language, label):
    with translation.override(language):
        text = render("{% bar share pin %}", share="0.445", pin="0.46")
    assert f'aria-label="{label}"' in text
    assert 'class="gap"' in text


def test_a_missing_bar_line_and_number_are_shown_as_missing():
    assert 'class="pace"' not in render("{% bar share %}", share="0.5")
    assert "–" in render('{% spark values "12 weeks" %}', values=[None, 1])
    assert render("{{ one|or_missing }} {{ two|or_missing }}", one=None, two=0) == "– 0"
    assert render('{{ one|money:"EUR" }} {{ one|percent }} {{ one|day }}', one=None) == "– – –"


def test_a_trust_badge_has_a_word_and_its_reasons():
    text = render("{% trust_badge trust %}", trust=Trust("caution", ("The file is 2 days old.",)))
    assert "Caution" in text
    assert 'title="The file is 2 days old."' in text


def test_links_through_a_list_keep_the_filters():
    text = render("{% pages page %}", page=Paginator(range(95), 40).page(2))
    assert 'href="?team=east&amp;page=1"' in text
    assert "41 to 80 of 95" in text
    assert render("{% pages page %}", page=Paginator(range(3), 40).page(1)).strip() == ""


def test_an_address_with_one_parameter_changed():
    assert render("{% with_query page='' team='west' %}") == "/list/?team=west"


def test_a_status_says_its_band_in_words_too():
    text = render("{% include 'web/parts/status.html' with band='behind' text='−2.2 pts' %}")
    assert '<span class="status behind">−2.2 pts<span class="vh">, behind</span></span>' in text


def test_names_of_people_cannot_bring_markup():
    text = render("{% include 'web/parts/empty.html' with title=name %}", name="<script>alert(1)</script>")
    assert "<script>" not in text
