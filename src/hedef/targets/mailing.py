"""What is remembered of digests by mail: how often somebody wants one, and which were sent."""

from typing import ClassVar

from django.conf import settings
from django.db import models

HOW = ("weekly", "daily", "none")


class DigestChoice(models.Model):
    """How often a user wants the digest; without a row it is weekly."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=6, default="weekly")

    class Meta:
        db_table = "targets_digest_choice"


class DigestMail(models.Model):
    """One mail to one user. The key (`weekly:2026-W47`, `daily:2026-11-17`) makes it one for ever.

    `state`: waiting (not sent, or refused by the server), sending (handed over, no answer yet), sent.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=32)
    state = models.CharField(max_length=8, default="waiting")
    tries = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "targets_digest_mail"
        ordering = ("pk",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="targets_digest_mail_once")
        ]
