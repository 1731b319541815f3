"""Addresses of plans and letters, of the Performance page, of everybody's own page and of the screen on the wall."""

from django.urls import URLPattern, path

from hedef.targets.views import board, digest, letters, me, plans, tv

app_name = "targets"
urlpatterns: list[URLPattern] = [
    path("targets", plans.plans, name="plans"),
    path("targets/split", plans.split, name="split"),
    path("targets/plans/<slug:plan>", plans.plan, name="plan"),
    path("targets/plans/<slug:plan>/adjust", plans.adjust, name="adjust"),
    path("targets/plans/<slug:plan>/phase", plans.phase, name="phase"),
    path("targets/plans/<slug:plan>/publish", plans.publish, name="publish"),
    path("targets/letters/<slug:plan>", letters.letter, name="letter"),
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
