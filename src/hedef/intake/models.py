"""What intake remembers: each import with the answers of its steps, and the trust states it measured."""

from typing import ClassVar

from django.db import models

from hedef.intake.trust.models import DataFix, TrustOverride, TrustProfile

__all__ = ["DataFix", "ImportJob", "TrustOverride", "TrustProfile", "TrustState"]


class ImportJob(models.Model):
    """One file on its way in. Its number is printed `J-81`; every step leaves its answer here."""

    class State(models.TextChoices):
        RUNNING = "running"
        ASKING = "asking"  # stopped with a question; nothing was written
        DONE = "done"
        FAILED = "failed"
        ABANDONED = "abandoned"  # interrupted, and taken back

    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    step = models.CharField(max_length=16, default="receive")
    rows_total = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    actor = models.CharField(max_length=150)
    source = models.CharField(max_length=100, default="", blank=True)
    object = models.CharField(max_length=40, default="", blank=True)
    vendor = models.CharField(max_length=40, default="", blank=True)
    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField(max_length=64, default="", blank=True)
    file_bytes = models.BigIntegerField(default=0)
    mapping_version = models.CharField(max_length=100, default="", blank=True)
    options = models.JSONField(default=dict)
    order = models.JSONField(null=True)  # the whole call, to be carried out again after a kill
    call = models.BigIntegerField(null=True)  # the first job of the same call
    progress = models.JSONField(null=True)  # while it runs: step, part, and what is known of the whole file
    heartbeat_us = models.BigIntegerField(null=True)
    decisions = models.JSONField(default=list)
    issues = models.JSONField(default=list)
    answer = models.JSONField(null=True)
    error = models.JSONField(null=True)
    batch = models.BigIntegerField(null=True)
    seal_no = models.BigIntegerField(null=True)
    head_seal = models.BigIntegerField(default=0)  # the newest seal when the import ended
    unresolved = models.BooleanField(default=False)  # a reference stayed empty: read again when others arrive
    fixes = models.BigIntegerField(null=True)
    rejects_file = models.CharField(max_length=255, default="", blank=True)
    exported_us = models.BigIntegerField(null=True)
    started_us = models.BigIntegerField()
    ended_us = models.BigIntegerField(null=True)

    class Meta:
        db_table = "import_job"
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["source", "object", "file_sha256"], name="import_job_file"),
            models.Index(fields=["batch"], name="import_job_batch"),
        ]

    undone: int | None = None  # the batch that takes it back, where `queries.with_undoings` looked

    def __str__(self) -> str:
        return f"J-{self.pk}"


class TrustState(models.Model):
    """One measurement of one check after one import. Append-only: the trust of an old number is a lookup."""

    source = models.CharField(max_length=100)
    object = models.CharField(max_length=40)
    check_name = models.CharField(max_length=20)
    level = models.CharField(max_length=10)
    measured = models.BigIntegerField()  # basis points, except reconciliation: minor units that do not add up
    bound = models.BigIntegerField()
    rows = models.BigIntegerField()
    batch = models.BigIntegerField(null=True)
    seal_no = models.BigIntegerField()
    detail = models.CharField(max_length=300, default="", blank=True)
    what = models.CharField(max_length=60, default="", blank=True)  # the measure of a check that has several
    judged = models.BigIntegerField(default=0)
    file_name = models.CharField(max_length=255, default="", blank=True)
    slices = models.JSONField(null=True)  # [person, month, found, judged]: where the found rows lie

    class Meta:
        db_table = "trust_state"
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["seal_no"], name="trust_state_seal"),
            models.Index(fields=["source", "object", "check_name"], name="trust_state_check"),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.object} {self.check_name}: {self.level}"
