"""Mapping documents: which column of a file becomes which field, and how its text is read (YAML of data.md section 5).

Names of columns are compared folded (`engine.headers.fold`): case, spaces, punctuation, `__c` and a trailing `*`
do not count. A mapping that ships with Hedef may name columns a file does not have; a saved one may not.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

type FieldType = Literal[
    # plain values
    "text", "code", "id", "money", "number", "integer", "percent", "date", "instant", "boolean", "duration",
    # values that the process explains: labels stay as they are, `values` are applied where stages are resolved
    "stage", "process", "status",
    # references to other records
    "person", "team", "account", "contact", "lead", "deal", "product", "order", "invoice", "territory", "price",
    "about",
]  # fmt: skip
type By = Literal["external_key", "email", "name", "domain", "handle", "code"]
type DateOrder = Literal["d/m", "m/d"]
CUSTOM = "custom:"  # a field `custom:Tier` is kept in the record under the name Tier
_OWN = ("text", "code", "id", "integer", "date", "boolean")

type Category = Literal["open", "hold", "won", "lost"]
type Reader = Literal[
    "snapshot", "whole_row_history", "key_value_log", "stage_dates", "ranges", "stage_list", "options"
]
type SameInstant = Literal["file_order", "reversed", "id_up", "id_down", "open_before_closed"]


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str | dict) else value


type Columns = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str) and "column" in cls.model_fields else value


class FieldMap(_Part):
    """One way to fill a field. `column` lists names of the same column in several exports: the first present counts.

    `join` joins the texts of several columns with a space (blank ones left out). `constant` needs no column.
    """

    column: Columns = ()
    join: Columns = ()
    constant: str | None = None
    type: FieldType = "text"
    by: By = "external_key"  # how a reference is found; persons fall back to e-mail and name anyway
    order: DateOrder | None = None
    decimal: Literal[".", ","] | None = None
    currency: Columns = ()  # columns that hold the currency of this amount
    currency_code: str | None = None  # the currency where no column names one
    unit: Literal["k", "m", "bn"] | None = None
    scale: Literal["percent", "fraction"] | None = None
    seconds: int | None = None  # of one unit of a duration column (60 for minutes)
    places: int = 0  # decimals kept of a `number`, as a scaled integer (4: ten-thousandths)
    empty: Literal["null", "zero"] = "null"
    values: dict[str, str] = {}  # label -> code, compared without case
    hidden_nulls: Columns | None = None  # instead of the common list and the mapping's, for this column
    process: str | None = None  # process of a stage column where no column names it
    when: Literal["open", "closed", "won", "lost"] | None = None  # only rows whose deal is in this state
    blank_when_zero: Literal["open", "closed", "won", "lost"] | None = None  # 0 means "no amount" there
    last_day_included: bool = False  # an end day that still belongs to the range: becomes half-open
    take: Literal["first_word", "last_word"] | None = None
    extract: str | None = None  # regular expression; its first group that matched is the text (nothing: blank)
    lower: bool = False
    prefix: str = ""  # put before the text (keys of made-up objects)
    required: bool = False  # a blank or unknown value rejects the row
    confirm: bool = False  # a reading that a person confirms first: taken by --yes and listed
    only_if: dict[str, str] = {}  # column -> regular expression its whole text must match (`A|B`: first present)
    unless: dict[str, str] = {}  # column -> regular expression its whole text must not match


type FieldMaps = Annotated[
    tuple[FieldMap, ...], BeforeValidator(lambda value: value if isinstance(value, list | tuple) else (value,))
]


class LogEntry(FieldMap):
    """What one name in the field column of a change log means; `column` stays empty: the text is in `value`."""

    field: str


class HistoryMap(_Part):
    """How rows of a history file become changes of `entity`."""

    entity: Columns
    effective: Columns = ()
    actor: Columns = ()
    field: Columns = ()  # key_value_log: column with the name of the changed field
    value: Columns = ()
    old_value: Columns = ()
    created_event: str | None = None  # the event that opens the record ("Created.", "add_time")
    entries: dict[str, LogEntry] = {}  # key_value_log: name in the field column (folded compare) -> field and reading
    closes: dict[str, str] = {}  # key_value_log: an event that closes the deal -> status (`lost_reason: lost`)
    entered: str | None = None  # stage_dates: pattern with {stage} and {process}
    exited: str | None = None


class AlsoMap(_Part):
    """Another record made of the same row (roster, import sheet, deal with a product)."""

    object: str
    name: str = ""
    key: Columns = ()
    key_join: Columns = ()  # key made of several columns, joined with "|"
    key_prefix: str = ""
    key_extract: str | None = None  # as `extract`, on every column of the key
    fields: dict[str, FieldMaps] = {}
    only_if: dict[str, str] = {}
    unless: dict[str, str] = {}


class Mapping(BaseModel):
    """A whole mapping: one file shape of one source to one main kind of record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vendor: str = "files"
    shape: str = ""
    source: str | None = None
    object: str
    reader: Reader = "snapshot"
    key: Columns = ()
    weak_key: Columns = ()  # used together where no key column is in the file
    key_prefix: str = ""  # ids of this kind start so (a check)
    widen_ids: bool = False  # Salesforce: 15 characters become 18
    key_case: bool = True  # keys differ by case
    scope: Literal["full", "partial"] = "partial"
    time_zone: str | None = None
    exported_at: str | None = None  # "from_file_name" or an instant
    modified_at: FieldMaps = ()
    deleted: FieldMaps = ()
    merged_into: FieldMaps = ()  # the record that this one became part of
    merged: FieldMaps = ()  # ids of records that became part of this one, parted by ; or ,
    same_instant: Annotated[tuple[SameInstant, ...], BeforeValidator(_as_tuple)] = ("file_order",)
    fields: dict[str, FieldMaps] = {}
    times: dict[str, FieldMaps] = {}  # field -> column with the time of its present value
    stage_times: dict[str, FieldMaps] = {}  # stage -> column with the time it was entered
    history: HistoryMap | None = None
    also: Annotated[tuple[AlsoMap, ...], BeforeValidator(_as_tuple)] = ()
    checks: dict[str, FieldMaps] = {}  # compared and reported, never stored
    # `each`: a pipeline is a process of its own; `record_types`: so is a record type, where their stage lists differ
    processes: Literal["one", "each", "record_types"] = "one"
    probability: Literal["field", "from_process"] = "field"
    process_start: dict[str, tuple[tuple[str, Category], ...]] = {}
    hidden_nulls: Columns = ()
    copies: Literal["equal", "apart", "ask"] = "equal"  # rows that agree in every column: one record, several, or ask
    late: Columns = ()  # filled after the first contact: they tell the end, and are barred from scoring
    ignore: Columns = ()  # columns; `Last*Date` names all that begin and end so
    notes: str = ""

    @model_validator(mode="after")
    def _custom(self) -> Self:
        """Columns of a company's own are read as words, codes, whole numbers, days or yes and no."""
        for name, specs in self.fields.items():
            wrong = [one.type for one in specs if name.startswith(CUSTOM) and one.type not in _OWN]
            if wrong:
                raise ValueError(f"{name}: a field of your own cannot be of type {wrong[0]}: {', '.join(_OWN)}")
        return self

    @model_validator(mode="before")
    @classmethod
    def _lost_by(cls, value: Any) -> Any:
        """`lost_by: lost_reason` is the short form of `history.closes`."""
        if isinstance(value, dict) and "lost_by" in value:
            value = dict(value)
            history = dict(value.get("history") or {})
            history["closes"] = {str(value.pop("lost_by")): "lost"}
            value["history"] = history
        return value


class SignatureShape(_Part):
    """Headers by which a file shape is known. `object` is the main kind, none for files that describe data."""

    shape: str
    object: str | None
    headers: tuple[str, ...]
    needs: tuple[str, ...] = ()  # without all of these it is not this shape
    sure: bool = False  # with all of them it is, whatever else an answer of the vendor holds
    mapping: str | None = None  # file name of the mapping, when not the shape's own


class Signature(_Part):
    """All file shapes of one vendor."""

    vendor: str
    title: str = Field(default="")
    shapes: tuple[SignatureShape, ...]
