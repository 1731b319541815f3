"""The kinds of record and their fields, in one place: models, blocks, facts and intake all read this.

The place of a field in its kind is its bit in a change mask and is stored in the ledger for ever:
append new fields at the end, never reorder (a test pins the lists).
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from hedef.kernel import instants

type FieldType = Literal["ref", "int", "bp", "day", "instant", "code", "text", "bool", "json"]

ALWAYS_US = instants.ALWAYS_US  # persons, teams, accounts, products without a created date


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `tracked` enters the facts history; `word` lives in the drawer that law may blank."""

    name: str
    type: FieldType
    tracked: bool = False
    word: bool = False
    refers: str | None = None  # kind of a ref
    index: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of record: its name, fields and whether it is a dated range (`from_day`, `to_day`, half-open)."""

    name: str
    fields: tuple[Field, ...]
    range: bool = False
    timeless: bool = False  # without a created date it exists since always
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.fields) > 62:
            raise ValueError(f"kind {self.name} has more fields than a mask has bits")
        self._by_name.update({one.name: one for one in self.fields})

    def get(self, name: str) -> Field:
        return self._by_name[name]

    def bit(self, name: str) -> int:
        """Mask bit of a field."""
        return 1 << self.names.index(name)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.fields)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(one.name for one in self.fields if one.word)

    @cached_property
    def tracked(self) -> tuple[Field, ...]:
        return tuple(one for one in self.fields if one.tracked)


def _ref(name: str, refers: str, *, tracked: bool = False, index: bool = False) -> Field:
    return Field(name, "ref", tracked=tracked, refers=refers, index=index)


def _word(name: str) -> Field:
    return Field(name, "text", word=True)


def _code(name: str, *, tracked: bool = False) -> Field:
    return Field(name, "code", tracked=tracked)


_CREATED = Field("created_us", "instant")
_EXTRA = Field("extra", "json", word=True)  # columns of a company's own: name -> text
_RANGE = (Field("from_day", "day", tracked=True), Field("to_day", "day", tracked=True))

_KINDS = (
    Kind(
        "person",
        (
            _CREATED,
            _word("name"),
            _word("handle"),
            Field("other_names", "json", word=True),
            _word("email"),
            _code("employee_no"),
            Field("hired_on", "day", tracked=True),
            Field("left_on", "day", tracked=True),
            _code("time_zone", tracked=True),
            _code("country", tracked=True),
            _code("currency", tracked=True),
        ),
        timeless=True,
    ),
    Kind(
        "team",
        (
            _CREATED,
            Field("name", "text"),
            _word("handle"),
            _code("kind"),
            _ref("parent", "team", tracked=True),
        ),
        timeless=True,
    ),
    Kind(
        "membership",
        (
            _CREATED,
            _ref("person", "person", tracked=True, index=True),
            _ref("team", "team", tracked=True, index=True),
            _code("role", tracked=True),
            Field("share_bp", "bp", tracked=True),
            Field("primary", "bool", tracked=True),
            *_RANGE,
        ),
        range=True,
    ),
    Kind(
        "manager_line",
        (
            _CREATED,
            _ref("person", "person", tracked=True, index=True),
            _ref("manager", "person", tracked=True, index=True),
            _code("line", tracked=True),
            *_RANGE,
        ),
        range=True,
    ),
    Kind(
        "absence",
        (
            _CREATED,
            _ref("person", "person", tracked=True, index=True),
            _code("reason", tracked=True),
            Field("share_bp", "bp", tracked=True),
            *_RANGE,
        ),
        range=True,
    ),
    Kind(
        "territory",
        (_CREATED, Field("name", "text"), _ref("parent", "territory", tracked=True), Field("rule", "text")),
        timeless=True,
    ),
    Kind(
        "territory_hold",
        (
            _CREATED,
            _ref("territory", "territory", tracked=True, index=True),
            _ref("person", "person", tracked=True, index=True),
            _ref("team", "team", tracked=True),
            _ref("account", "account", tracked=True),
            Field("share_bp", "bp", tracked=True),
            *_RANGE,
        ),
        range=True,
    ),
    Kind(
        "account",
        (
            _CREATED,
            _word("name"),
            _word("domain"),
            _ref("parent", "account", tracked=True),
            _ref("owner", "person", tracked=True, index=True),
            _code("industry", tracked=True),
            _code("country", tracked=True),
            _code("region", tracked=True),
            _code("segment", tracked=True),
            Field("employees", "int"),
            Field("revenue_minor", "int"),
            _code("revenue_currency"),
            Field("customer_since", "day"),
            _EXTRA,
        ),
        timeless=True,
    ),
    Kind(
        "contact",
        (
            _CREATED,
            _ref("account", "account", index=True),
            _word("name"),
            _word("email"),
            _word("phone"),
            _word("job_title"),
            _ref("owner", "person", tracked=True),
            Field("email_allowed", "bool"),
            Field("left", "bool"),
            _EXTRA,
        ),
    ),
    Kind(
        "lead",
        (
            _CREATED,
            _word("name"),
            _word("company"),
            _word("email"),
            _word("phone"),
            _ref("owner", "person", tracked=True, index=True),
            _code("source", tracked=True),
            _code("campaign", tracked=True),
            _code("status", tracked=True),
            _code("rating", tracked=True),
            Field("score", "int", tracked=True),
            _code("industry"),
            _code("country"),
            Field("assigned_us", "instant"),
            Field("first_touch_us", "instant"),
            Field("accepted_us", "instant"),
            Field("rejected_us", "instant"),
            Field("touch_due_us", "instant", tracked=True),
            _code("reject_reason"),
            Field("converted_us", "instant"),
            _ref("converted_deal", "deal"),
            _ref("converted_account", "account"),
            _ref("converted_contact", "contact"),
            _EXTRA,
        ),
    ),
    Kind(
        "deal",
        (
            _CREATED,
            _word("name"),
            _ref("account", "account", tracked=True, index=True),
            _ref("contact", "contact"),
            _code("process", tracked=True),
            _code("stage", tracked=True),
            _code("status", tracked=True),  # open, hold, won, lost: follows from the stage's category
            Field("amount_minor", "int", tracked=True),
            _code("currency", tracked=True),
            Field("recurring_minor", "int", tracked=True),
            Field("recurring_months", "int", tracked=True),
            _ref("owner", "person", tracked=True, index=True),
            Field("close_on", "day", tracked=True, index=True),
            _code("category", tracked=True),
            Field("probability_bp", "bp", tracked=True),
            _code("deal_type", tracked=True),
            _code("source", tracked=True),
            _code("campaign"),
            _code("lost_reason", tracked=True),
            _code("competitor", tracked=True),
            _word("next_step"),
            Field("closed_us", "instant"),
            Field("splits", "json", tracked=True),
            _code("record_type"),
            _code("won_reason"),
            _EXTRA,
            Field("exit_checks", "json"),  # answers to exit criteria by their key
            Field("exit_words", "json", word=True),  # the links and sentences beside them
        ),
    ),
    Kind(
        "deal_line",
        (
            _CREATED,
            _ref("deal", "deal", index=True),
            _ref("product", "product"),
            Field("quantity_e4", "int"),
            Field("unit_price_minor", "int"),
            Field("discount_bp", "bp"),
            Field("amount_minor", "int"),
            Field("cost_minor", "int"),
            _code("currency"),
            Field("starts_on", "day"),
            Field("months", "int"),
        ),
    ),
    Kind(
        "order",
        (
            _CREATED,
            _code("number"),
            _ref("account", "account", index=True),
            _ref("deal", "deal"),
            _ref("owner", "person", tracked=True, index=True),
            Field("day", "day", tracked=True),
            Field("due_on", "day"),
            _code("status", tracked=True),
            Field("amount_minor", "int", tracked=True),
            Field("tax_minor", "int"),
            _code("currency", tracked=True),
            _code("document", tracked=True),  # normal, credit_note, refund
            _ref("reverses", "order"),
            _code("rate"),
            _EXTRA,
        ),
    ),
    Kind(
        "order_line",
        (
            _CREATED,
            _ref("order", "order", index=True),
            Field("line_no", "int"),
            _ref("product", "product"),
            Field("quantity_e4", "int"),
            Field("unit_price_minor", "int"),
            Field("discount_bp", "bp"),
            Field("amount_minor", "int"),
            Field("cost_minor", "int"),
            _code("currency"),
        ),
    ),
    Kind(
        "product",
        (_CREATED, _code("code"), Field("name", "text"), _code("family", tracked=True)),
        timeless=True,
    ),
    Kind(
        "price",
        (
            _CREATED,
            _ref("product", "product", index=True),
            _code("list"),
            Field("amount_minor", "int"),
            _code("currency"),
            *_RANGE,
        ),
        range=True,
    ),
    Kind(
        "activity",
        (
            _CREATED,
            _code("kind", tracked=True),
            _word("subject"),
            _ref("owner", "person", tracked=True, index=True),
            _ref("deal", "deal", tracked=True, index=True),
            _ref("lead", "lead", tracked=True),
            _ref("contact", "contact"),
            _ref("account", "account", tracked=True),
            Field("due_us", "instant"),
            Field("done_us", "instant", tracked=True),
            Field("seconds", "int", tracked=True),
            _code("outcome", tracked=True),
            _code("direction", tracked=True),
        ),
    ),
    Kind(
        "currency_rate",
        (
            _CREATED,
            _code("base", tracked=True),
            _code("quote", tracked=True),
            Field("day", "day", tracked=True),
            Field("numerator", "int", tracked=True),
            Field("denominator", "int", tracked=True),
            _code("rate_set", tracked=True),  # daily, month_end, budget
        ),
        timeless=True,
    ),
    Kind(
        "skill",
        (
            _CREATED,
            _ref("person", "person", tracked=True, index=True),
            _code("kind", tracked=True),  # language, product, certificate
            _code("code", tracked=True),
            Field("level", "int", tracked=True),
            *_RANGE,
        ),
        range=True,
    ),
    Kind(
        "working_time",
        (
            _CREATED,
            _ref("person", "person", tracked=True, index=True),
            _code("pattern", tracked=True),  # half-days of Monday to Sunday, such as 2222200
            Field("share_bp", "bp", tracked=True),
            *_RANGE,
        ),
        range=True,
    ),
    Kind(
        "contract",
        (
            _CREATED,
            _code("number"),
            _ref("account", "account", tracked=True, index=True),
            _ref("deal", "deal", tracked=True, index=True),
            Field("starts_on", "day", tracked=True),
            Field("ends_on", "day", tracked=True),  # the last day
            Field("monthly_minor", "int", tracked=True),
            _code("currency", tracked=True),
            _code("status", tracked=True),
            _ref("renews", "contract", tracked=True),
        ),
    ),
    Kind(
        "invoice",
        (
            _CREATED,
            _code("number"),
            _ref("account", "account", index=True),
            _ref("deal", "deal"),
            _ref("order", "order"),
            _ref("owner", "person", tracked=True, index=True),
            Field("day", "day", tracked=True),
            Field("due_on", "day"),
            _code("status", tracked=True),
            Field("amount_minor", "int", tracked=True),
            Field("tax_minor", "int"),
            _code("currency", tracked=True),
            _code("document", tracked=True),  # normal, credit_note, refund
            _ref("reverses", "invoice"),
            _EXTRA,
        ),
    ),
    Kind(
        "invoice_line",
        (
            _CREATED,
            _ref("invoice", "invoice", index=True),
            Field("line_no", "int"),
            _ref("product", "product"),
            Field("quantity_e4", "int"),
            Field("unit_price_minor", "int"),
            Field("discount_bp", "bp"),
            Field("amount_minor", "int"),
            Field("cost_minor", "int"),
            _code("currency"),
        ),
    ),
    Kind(
        "payment",
        (
            _CREATED,
            _code("number"),
            _ref("account", "account", index=True),
            _ref("deal", "deal"),
            _ref("order", "order"),
            _ref("invoice", "invoice", index=True),
            _ref("owner", "person", tracked=True, index=True),
            Field("day", "day", tracked=True),
            _code("status", tracked=True),
            Field("amount_minor", "int", tracked=True),
            _code("currency", tracked=True),
            _code("document", tracked=True),  # normal, refund
            _ref("reverses", "payment"),
        ),
    ),
    Kind(
        "feedback",
        (
            _CREATED,
            _ref("account", "account", index=True),
            _ref("deal", "deal"),
            _ref("owner", "person", tracked=True, index=True),
            Field("day", "day", tracked=True),
            Field("answer", "int", tracked=True),  # 1 to 5
            _word("comment"),
        ),
    ),
    Kind(
        "cost",
        (
            _CREATED,
            Field("day", "day", tracked=True),
            _code("category", tracked=True),
            _code("scope", tracked=True),
            _ref("campaign", "campaign"),
            Field("amount_minor", "int", tracked=True),
            _code("currency", tracked=True),
        ),
    ),
    Kind(
        "campaign",
        (
            _CREATED,
            Field("name", "text"),
            _code("kind", tracked=True),
            Field("cost_minor", "int"),
            _code("currency"),
        ),
    ),
    Kind(
        "quote",  # an offer: kept beside its deal, counted nowhere
        (
            _CREATED,
            _code("number"),
            _ref("account", "account", index=True),
            _ref("contact", "contact"),
            _ref("deal", "deal", index=True),
            _ref("owner", "person", index=True),
            Field("day", "day"),
            Field("valid_until", "day"),
            _code("status"),
            Field("amount_minor", "int"),
            Field("tax_minor", "int"),
            _code("currency"),
            _EXTRA,
        ),
    ),
    Kind(
        "acknowledgement",
        (
            _CREATED,
            _ref("person", "person", tracked=True, index=True),
            Field("document", "code", tracked=True, index=True),  # target-plan:sales-2017@2
            _code("digest", tracked=True),  # of the version that was read
            _code("answer", tracked=True),  # acknowledged, disagreed
            _word("sentence"),
        ),
    ),
    Kind(
        "notice",
        (
            _CREATED,
            _code("room"),
            _code("code"),
            _code("scope"),  # what it is about: team:T-2
            _ref("person", "person", index=True),  # whom it is told
            _word("text_en"),
            _word("text_tr"),
            _code("level"),  # info, warning, error
            _code("period"),
            _code("object"),  # a document or a record
            _code("value"),  # the state that was crossed
            _code("state"),  # unread, read
        ),
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
"""Every kind by name. Higher rooms add theirs with `records.services.register_kind`."""
