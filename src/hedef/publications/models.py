"""What a publication keeps. Rows are never changed."""

from typing import ClassVar

from django.db import models


class Publication(models.Model):
    """A result as it was shown. `body` is canonical JSON; the fingerprint names everything it was computed from."""

    no = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=100)
    subject = models.CharField(max_length=200)  # what it is about: "2017-Q3", "person:P-17"
    body = models.TextField()
    body_digest = models.CharField(max_length=71)  # sha256:...
    fingerprint = models.CharField(max_length=71)
    basis = models.TextField()  # the parts of the fingerprint, canonical JSON
    trust = models.CharField(max_length=10)
    said_trust = models.TextField(default="{}")  # level and reasons as they were said, canonical JSON
    as_of_us = models.BigIntegerField(null=True)
    known_no = models.BigIntegerField()
    head_digest = models.CharField(max_length=64)
    actor = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "publication"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["kind", "subject"], name="publication_subject")]

    def __str__(self) -> str:
        return f"publication {self.no}: {self.kind} {self.subject}"
