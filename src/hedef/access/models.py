"""Users, tokens and the answers of calls that may be repeated."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q


class UserManager(BaseUserManager["User"]):
    """Finds users as people type them: by username or by e-mail, in any case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user named `username`; User.DoesNotExist when there is none."""
        text = (username or "").strip().lower()
        if not text:
            raise User.DoesNotExist
        return self.get(Q(username=text) | Q(email=text))


class User(AbstractBaseUser):
    """A person or program that signs in. `person` is the record it stands for, when there is one."""

    username = models.CharField(max_length=150, unique=True)
    email = models.CharField(max_length=254, unique=True, null=True)
    name = models.CharField(max_length=200)
    roles: "models.JSONField[Any, list[str]]" = models.JSONField(default=list)
    person = models.BigIntegerField(null=True, db_index=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=5, blank=True, default="")  # empty: the browser's
    theme = models.CharField(max_length=6, default="system")
    created_at = models.DateTimeField()

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "access_user"
        ordering = ("username",)

    def get_full_name(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])) or "?"


class Token(models.Model):
    """A key for programs. Only its digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "access_token"
        ordering = ("pk",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "name"], name="access_token_name")
        ]


class KeptAnswer(models.Model):
    """The answer given to a write with an `Idempotency-Key`, so that a repeated call writes nothing."""

    actor = models.CharField(max_length=150)
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    status = models.IntegerField(null=True)  # null: the first call is still at work
    answer = models.BinaryField(null=True)
    content_type = models.CharField(max_length=100, default="application/json")
    made_at = models.DateTimeField()

    class Meta:
        db_table = "access_kept_answer"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["actor", "key"], name="access_kept_answer_key")
        ]


class Read(models.Model):
    """One export of words: who took what out, when, how many rows. Rows are only ever added."""

    actor = models.CharField(max_length=150)
    what = models.CharField(max_length=200)  # `board sales@2, 2026-Q4`, `deal of acme`
    format = models.CharField(max_length=8)
    rows = models.BigIntegerField()
    way = models.CharField(max_length=8)  # page, command, api
    scope = models.CharField(max_length=200, blank=True)  # whose rows, where it was not everybody
    at_us = models.BigIntegerField()

    class Meta:
        db_table = "access_read"
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.actor}: {self.what} ({self.rows} rows)"
