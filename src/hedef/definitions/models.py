"""Two projections of the ledger's `document` changes: every version as it is now, and every state it ever had."""

from typing import Any, ClassVar

from django.db import models


class Definition(models.Model):
    """One version of one document. Once approved, its body never changes."""

    entity = models.BigIntegerField(primary_key=True)
    doc_kind = models.CharField(max_length=100)
    doc_id = models.CharField(max_length=200)
    version = models.IntegerField()
    effective_from = models.DateField(null=True)  # null: always
    until = models.DateField(null=True)  # first day on which it counts no more
    body = models.TextField()  # JSON in the author's order, notes included
    hash = models.CharField(max_length=71)
    state = models.CharField(max_length=10)
    author = models.CharField(max_length=200)
    approver = models.CharField(max_length=200, blank=True)
    self_approved = models.BooleanField(default=False)
    file = models.TextField(blank=True)
    source: "models.TextField[str, str]" = models.TextField(blank=True, default="")  # as written, with its comments
    words: "models.JSONField[Any, dict[str, str]]" = models.JSONField(default=dict)  # plain words, en and tr
    last_batch = models.BigIntegerField()
    last_ord = models.BigIntegerField()

    class Meta:
        db_table = "definition"
        ordering: ClassVar[list[str]] = ["doc_kind", "doc_id", "version"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["doc_kind", "doc_id", "version"], name="definition_version")
        ]


class DefinitionState(models.Model):
    """A state of a version, known from seal number `known_no` on; what `known_at` reads."""

    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="states")
    known_no = models.BigIntegerField()
    ord = models.BigIntegerField()
    state = models.CharField(max_length=10)
    until = models.DateField(null=True)
    approver = models.CharField(max_length=200, blank=True)
    self_approved = models.BooleanField(default=False)

    class Meta:
        db_table = "definition_state"
        ordering: ClassVar[list[str]] = ["known_no", "ord"]
