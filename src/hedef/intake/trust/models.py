"""What the trust gate keeps besides its measurements: shapes of imports, and overrides by two people."""

from typing import ClassVar

from django.db import models


class TrustProfile(models.Model):
    """The shape of one sealed import (`trust.profile.Profile`), counts only: what the next ones are compared with."""

    source = models.CharField(max_length=100)
    object = models.CharField(max_length=40)
    batch = models.BigIntegerField()
    seal_no = models.BigIntegerField()
    profile = models.JSONField()

    class Meta:
        app_label = "intake"
        db_table = "trust_profile"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["source", "object", "-seal_no"], name="trust_profile_newest")
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.object} at {self.seal_no}"


class TrustOverride(models.Model):
    """A blocked check that may be passed until a day: asked for by one person, agreed to by another.

    Rows are ended, never deleted. An empty `object` or `check_name` means every one of the source.
    """

    source = models.CharField(max_length=100)
    object = models.CharField(max_length=40, blank=True)
    check_name = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=500)
    until = models.DateField()  # its last day
    asked_by = models.CharField(max_length=150)
    asked_us = models.BigIntegerField()
    agreed_by = models.CharField(max_length=150, blank=True)
    agreed_us = models.BigIntegerField(null=True)
    self_agreed = models.BooleanField(default=False)  # nobody else may agree in this home
    ended_by = models.CharField(max_length=150, blank=True)
    ended_us = models.BigIntegerField(null=True)

    class Meta:
        app_label = "intake"
        db_table = "trust_override"
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"override {self.pk}: {self.source}/{self.object or '*'} {self.check_name or '*'}"


class DataFix(models.Model):
    """A wrong value that somebody saw: what it is, what is right, and what operations answered."""

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        REFUSED = "refused"

    kind = models.CharField(max_length=40)
    entity = models.BigIntegerField(db_index=True)
    field = models.CharField(max_length=60)
    was = models.CharField(max_length=500, blank=True)
    right = models.CharField(max_length=500, blank=True)
    sentence = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    asked_by = models.CharField(max_length=150)
    asked_us = models.BigIntegerField()
    answered_by = models.CharField(max_length=150, blank=True)
    answered_us = models.BigIntegerField(null=True)
    answer = models.CharField(max_length=1000, blank=True)
    batch = models.BigIntegerField(null=True)

    class Meta:
        app_label = "intake"
        db_table = "data_fix"
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"fix {self.pk}: {self.kind} {self.entity} {self.field}"
