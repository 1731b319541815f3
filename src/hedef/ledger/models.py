"""What the ledger remembers. Sealed rows are never changed; only words may be blanked by law."""

from typing import Any

from django.db import models


class Source(models.Model):
    """Where changes come from: a CRM, a folder of files, Hedef itself."""

    name = models.CharField(max_length=200, unique=True)
    vendor = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    precedence = models.IntegerField(default=0)
    scope = models.CharField(max_length=10, default="partial")  # full | partial
    mapping_version = models.CharField(max_length=200, blank=True)
    same_instant_order = models.CharField(max_length=20, blank=True)
    history_starts_us = models.BigIntegerField(null=True)  # before it, numbers of this source rest on assumed times

    class Meta:
        db_table = "source"

    def __str__(self) -> str:
        return self.name


class LedgerBatch(models.Model):
    """One import, edit or undo. `seal_no` is gap-free and says when its changes were known."""

    seal_no = models.BigIntegerField(null=True, unique=True)
    recorded_at = models.DateTimeField(null=True, db_index=True)  # never before the former seal's
    kind = models.CharField(max_length=20)  # import, edit, undo, correct, merge, erase, rebuild, definition
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT)
    actor = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT)
    object = models.CharField(max_length=100, null=True)
    file_name = models.TextField(null=True)
    file_sha256 = models.CharField(max_length=64, null=True)
    mapping_version = models.CharField(max_length=200, null=True)
    code_version = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, default="open")  # open, sealed, abandoned
    opened_no = models.BigIntegerField(null=True)  # newest seal when it was opened: what came after may share records
    rows = models.BigIntegerField(default=0)
    blocks = models.IntegerField(default=0)
    counts = models.JSONField(default=dict)
    words_digest = models.CharField(max_length=64, blank=True)
    prev_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "ledger_batch"

    def __str__(self) -> str:
        return f"B-{self.pk}"

    @property
    def number(self) -> str:
        """As printed: `B-412`."""
        return f"B-{self.pk}"


class LedgerBlock(models.Model):
    """Rows `first_ord` .. `first_ord + n - 1` of a batch, in two drawers."""

    pk = models.CompositePrimaryKey("batch_id", "seq")
    batch = models.ForeignKey(LedgerBatch, on_delete=models.PROTECT, db_index=False, related_name="+")
    seq = models.IntegerField()
    kind = models.CharField(max_length=100)
    first_ord = models.BigIntegerField()
    n = models.IntegerField()
    format = models.CharField(max_length=10)
    numbers = models.BinaryField()
    words = models.BinaryField(null=True)
    digest = models.CharField(max_length=64)
    words_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "ledger_block"

    def line(self) -> tuple[Any, ...]:
        """What the batch digest keeps of a block."""
        return self.seq, self.kind, self.first_ord, self.n, self.format, self.digest


class LedgerHead(models.Model):
    """One row, locked while sealing."""

    seal_no = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_head"


class EntityNumber(models.Model):
    """One row: the next free entity number of all kinds."""

    next = models.BigIntegerField(default=1)

    class Meta:
        db_table = "entity_number"
