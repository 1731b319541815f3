"""Whose lines a board shows to whom."""

from dataclasses import replace

from django.conf import settings

from hedef.kernel.scope import Scope


def board_scope(scope: Scope) -> Scope:
    """The viewer's own scope; where the home has open boards, everybody's lines for whoever sees the company's total.

    It is for numbers of boards alone: the deals behind a number stay with those who may see them.
    """
    if settings.HEDEF.boards == "open" and scope.company_total:
        return replace(scope, everything=True)
    return scope
