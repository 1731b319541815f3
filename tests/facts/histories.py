"""Random histories of a few deals, and a small absorber in memory that drives the engine as `facts.absorb` does."""

import json
from datetime import date

import polars as pl
from hypothesis import strategies as st

from hedef.facts import registry
from hedef.facts.engine import history
from hedef.facts.engine.signed import signed_rows
from hedef.ledger.engine import BatchLine
from hedef.records.engine.kinds import KINDS
from tests.facts.naive import Told

DEAL = KINDS["deal"]
START = 1_490_000_000_000_000
HOUR = 3_600_000_000
SPLITS = [
    None,
    json.dumps([{"person": 1, "role": "rep", "kind": "revenue", "share_bp": 3333},
                {"person": 2, "role": "rep", "kind": "revenue", "share_bp": 3333},
                {"person": 3, "role": "rep", "kind": "revenue", "share_bp": 3334}]),
    json.dumps([{"person": 1, "role": "rep", "kind": "revenue", "share_bp": 10000},
                {"person": 9, "role": "overlay", "kind": "overlay", "share_bp": 2500}]),
]  # fmt: skip
_VALUES = {
    "process": ["new", "renewal"],
    "stage": [None, "first", "second", "third"],
    "status": ["open", "won", "lost"],
    "owner": [None, 1, 2],
    "amount_minor": [None, 0, 1001, 50_000],
    "currency": ["USD", "EUR"],
    "close_on": [None, date(2017, 3, 31), date(2017, 4, 1)],
    "splits": SPLITS,
    "lost_reason": [None, "price"],
    "recurring_minor": [None, 70],
    "recurring_months": [None, 1],
}
_SOME_FIELDS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in _VALUES.items()})
_ACTS = st.sampled_from(["set", "set", "set", "set", "set", "end", "revive", "void"])


@st.composite
def stories(draw) -> tuple[list[Told], dict[int, int], int]:
    """Changes, undo batches (seal: undone seal) and the newest seal."""
    told: list[Told] = []
    undoes: dict[int, int] = {}
    seals = draw(st.integers(1, 7))
    for seal in range(1, seals + 1):
        if seal > 1 and draw(st.integers(0, 4)) == 0:
            undoes[seal] = draw(st.integers(1, seal - 1))
            continue
        for ord_ in range(draw(st.integers(1, 4))):
            deal, act = draw(st.integers(1, 3)), draw(_ACTS)
            earlier = [(one.seal, one.ord) for one in told if one.deal == deal]
            if act == "void" and not earlier:
                act = "set"
            fields = draw(_SOME_FIELDS) if act == "set" else {}
            void = draw(st.sampled_from(earlier)) if act == "void" else None
            told.append(Told(seal, ord_, deal, act, START + HOUR * draw(st.integers(0, 12)), fields, void))
    return told, undoes, seals


FIELDS = registry.kept_fields()["deal"]


def changes_of(told: list[Told], *, zone: str = "UTC") -> dict[int, pl.DataFrame]:
    """Store rows of each seal, as the reader of blocks makes them."""
    names = [name for name in DEAL.names if name in _VALUES]
    frames = {}
    for seal in sorted({one.seal for one in told}):
        rows = [
            {
                "ord": one.ord,
                "entity": one.deal,
                "act": one.act,
                "effective_us": one.us,
                "mask": sum(DEAL.bit(name) for name in one.fields),
                "void_batch": one.void[0] + 100 if one.void else None,
                "void_ord": one.void[1] if one.void else None,
                **{name: one.fields.get(name) for name in names},
            }
            for one in told
            if one.seal == seal
        ]
        seals = {number + 100: number for number in range(1, 50)}  # batch numbers are not seal numbers
        frame = pl.DataFrame(rows, schema_overrides={"void_batch": pl.Int64, "void_ord": pl.Int64})
        frames[seal] = history.read_changes(
            frame, seal_no=seal, batch=seal + 100, seals=seals, fields=FIELDS, zone=zone
        )
    return frames


class InMemory:
    """Stored changes and facts tables as data frames."""

    def __init__(self, told: list[Told], undoes: dict[int, int], *, zone: str = "UTC") -> None:
        self.frames = changes_of(told, zone=zone)
        self.undoes, self.zone = undoes, zone
        self.store = pl.DataFrame(schema=history.store_schema(FIELDS))
        self.tables = {
            table.name: pl.DataFrame(schema=table.polars_schema)
            for table in registry.stored().values()
            if table.kinds == ("deal",)
        }

    def of_entities(self, entities: pl.Series) -> pl.DataFrame:
        return self.store.filter(pl.col("entity").is_in(entities.implode()))

    def entities_of_seals(self, seals) -> pl.Series:
        return self.store.filter(pl.col("seal_no").is_in(list(seals)))["entity"].unique()

    def absorb(self, after: int, upto: int) -> None:
        batches = [BatchLine(seal, self.undoes.get(seal)) for seal in range(1, upto + 1)]
        parts = [frame for seal, frame in self.frames.items() if after < seal <= upto]
        new = pl.concat(parts) if parts else self.store.clear()
        new = history.signed_changes(new, self, batches, after=after)
        known = history.epochs(new, self.of_entities(new["entity"].unique()), after=after)
        states = history.states(known.changes, FIELDS, "deal", self.zone)
        for name, rows in self.tables.items():
            table = registry.tables()[name]
            self.tables[name] = pl.concat([rows, signed_rows(table, table.derive(states), known)])
        self.store = pl.concat([self.store, new])

    def known(self, name: str, known: int) -> pl.DataFrame:
        return self.tables[name].filter(pl.col("known_no") <= known)

    def living(self, name: str, known: int) -> pl.DataFrame:
        """Rows that were not taken back."""
        rows = self.known(name, known)
        values = [column for column in rows.columns if column not in ("known_no", "sign")]
        return rows.group_by(values).agg(pl.col("sign").sum()).filter(pl.col("sign") != 0)
