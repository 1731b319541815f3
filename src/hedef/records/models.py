"""Current state of every entity: one table a kind, made from `engine.kinds`. A projection of the ledger."""

from typing import Any, ClassVar

from django.db import models

from hedef.records.engine.kinds import KINDS, Field, Kind

__all__ = ["MODELS", "Alias", "ExternalKey", "MovedKey", "NotDuplicate", "Record", "Unfolded", "record_model"]

# kinds whose `name` people search by; their tables carry it once more as `engine.names.normalise` writes it
NAMED = frozenset({"person", "team", "account", "contact", "product", "territory"})
_TABLES = {"order": "order_header"}  # `order` is a word of SQL


class Record(models.Model):
    """One entity: its fields, its end, and where its newest change stands in the ledger.

    `ended_us` is null while it lives; an entity whose every change was taken back has `ended_us = ALWAYS_US`.
    """

    entity = models.BigIntegerField(primary_key=True)
    ended_us = models.BigIntegerField(null=True)
    last_batch = models.BigIntegerField()
    last_ord = models.BigIntegerField()
    last_effective_us = models.BigIntegerField()

    class Meta:
        abstract = True


def _column(one: Field) -> Any:
    match one.type:
        case "day":
            return models.DateField(null=True, db_index=one.index)
        case "bool":
            return models.BooleanField(null=True)
        case "code" | "text" | "json":  # json: canonical text, equal on both databases
            return models.TextField(null=True, db_index=one.index)
        case _:
            return models.BigIntegerField(null=True, db_index=one.index)


MODELS: dict[str, Any] = {}  # made at run time: their columns are not known to a type checker


def record_model(kind: Kind, *, app_label: str, module: str) -> Any:
    """The Django model of a kind. Higher rooms call it in their `models.py` and keep its migration themselves."""
    table = _TABLES.get(kind.name, kind.name)
    meta = type("Meta", (), {"app_label": app_label, "db_table": table})
    columns: dict[str, Any] = {one.name: _column(one) for one in kind.fields}
    if kind.name in NAMED:
        columns["name_key"] = models.TextField(null=True, db_index=True)
    name = "".join(part.capitalize() for part in kind.name.split("_"))
    MODELS[kind.name] = type(name, (Record,), {"__module__": module, "Meta": meta, **columns})
    return MODELS[kind.name]


def _of(name: str) -> Any:
    return record_model(KINDS[name], app_label="records", module=__name__)


Person = _of("person")
Team = _of("team")
Membership = _of("membership")
ManagerLine = _of("manager_line")
Absence = _of("absence")
Territory = _of("territory")
TerritoryHold = _of("territory_hold")
Account = _of("account")
Contact = _of("contact")
Lead = _of("lead")
Deal = _of("deal")
DealLine = _of("deal_line")
Order = _of("order")
OrderLine = _of("order_line")
Product = _of("product")
Price = _of("price")
Activity = _of("activity")
CurrencyRate = _of("currency_rate")
Skill = _of("skill")
WorkingTime = _of("working_time")
Contract = _of("contract")
Invoice = _of("invoice")
InvoiceLine = _of("invoice_line")
Payment = _of("payment")
Feedback = _of("feedback")
Cost = _of("cost")
Campaign = _of("campaign")
Quote = _of("quote")
Acknowledgement = _of("acknowledgement")
Notice = _of("notice")


class ExternalKey(models.Model):
    """A source's own id of an entity, with the hash of the row it last said (a file is compared with that)."""

    pk = models.CompositePrimaryKey("source_id", "object", "ext_id")
    # checked by `save_keys`, which takes a Source: a constraint would look up each of a million rows at commit
    source = models.ForeignKey(
        "ledger.Source", on_delete=models.PROTECT, db_index=False, db_constraint=False, related_name="+"
    )
    object = models.CharField(max_length=100)
    ext_id = models.TextField()
    entity = models.BigIntegerField(db_index=True)
    row_hash = models.BigIntegerField(null=True)
    first_batch = models.BigIntegerField(null=True)  # it said the id first: abandoned, it takes the key with it
    last_seen_batch = models.BigIntegerField(null=True)
    gone_since = models.BigIntegerField(null=True)  # microseconds UTC

    class Meta:
        db_table = "external_key"


class Alias(models.Model):
    """A spelling that a person has confirmed: in this source, `text_key` means `entity`."""

    source = models.ForeignKey("ledger.Source", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=100)
    text_key = models.TextField()
    entity = models.BigIntegerField()

    class Meta:
        db_table = "alias"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "kind", "text_key"], name="one_alias_per_spelling")
        ]


class MovedKey(models.Model):
    """A key or spelling of a merged entity that points to its survivor: whose it was, and by which batch it moved.

    `object` is the object of an external key, `alias/<kind>` of a confirmed spelling, or the name of a follower.
    """

    batch = models.BigIntegerField(db_index=True)
    source = models.ForeignKey("ledger.Source", on_delete=models.PROTECT, db_constraint=False, related_name="+")
    object = models.CharField(max_length=110)
    ext_id = models.TextField()
    loser = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "moved_key"


class NotDuplicate(models.Model):
    """Two records that a person has looked at and found to be different. `one` is the lower number."""

    kind = models.CharField(max_length=100)
    one = models.BigIntegerField()
    other = models.BigIntegerField()
    actor = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    said_at = models.DateTimeField()

    class Meta:
        db_table = "not_duplicate"
        constraints: ClassVar = [models.UniqueConstraint(fields=["one", "other"], name="one_answer_per_pair")]


class Unfolded(models.Model):
    """A large undo that is sealed while its records are still being folded; `toggled`: the batches it turned over."""

    batch = models.BigIntegerField(primary_key=True)
    toggled = models.JSONField()

    class Meta:
        db_table = "unfolded"
