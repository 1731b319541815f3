"""Addresses of the Performance page, of everybody's own page and of the screen on the wall."""

from django.urls import URLPattern, path

from hedef.targets.views import board, digest, me, tv

app_name = "targets"
urlpatterns: list[URLPattern] = [
    path("targets/scoreboard", board.scoreboard, name="scoreboard"),
    path("targets/final", board.final, name="final"),
    path("targets/why", board.why, name="why"),
    path("targets/me", me.me, name="me"),
    path("targets/me/read", me.read_notices, name="read"),
    path("targets/me/answer", me.answer_letter, name="answer"),
    path("targets/digest", digest.digest, name="digest"),
    path("targets/tv", tv.tv, name="tv"),
    path("targets/tv/link", tv.link, name="tv_link"),
]
