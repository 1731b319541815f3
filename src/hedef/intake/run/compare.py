"""What a vendor works out itself is compared with what the row says, and told where the two disagree; never stored."""

from collections.abc import Callable

import polars as pl

from hedef.intake.engine.values.clean import trim
from hedef.intake.run.call import FileRun
from hedef.intake.run.processes import DECIDED
from hedef.intake.run.said import state_of
from hedef.records.engine.kinds import KINDS, Kind

type Compared = Callable[[pl.DataFrame], pl.Expr]

_DAY_US = 86_400_000_000
_CENTS = 2  # sums of parts that were rounded one by one
_STATUS = "The stage decides. Correct the flag in the source, or what its stages mean here."
_HINTS = {
    "closed": _STATUS,
    "won": _STATUS,
    "status": _STATUS,
    "converted": "A lead that was turned down is not converted. Correct one of the two in the source.",
    "probability": "The process gives the probability of its stages; that of the row is not used.",
    "expected_amount": "The source expects more than the whole amount: its own figure is not used.",
    "weighted_amount": "The source weighs a deal at more than its amount: its own figure is not used.",
    "total": "The parts of the row do not add up to its total. Look for a charge that is not mapped.",
    "online": "An order that nobody sold has an owner. Correct one of the two.",
    "days_to_close": "The source counts other days between creation and closing. The two dates count.",
    "day": "The day of the order counts, not that of its line.",
    "company_amount": "One currency, two amounts. The amount of the deal counts.",
}
_FLAGS = frozenset(("closed", "won", "status", "converted"))


def with_checks(file: FileRun, kind: Kind, frame: pl.DataFrame) -> None:
    """Tell where columns that are only compared contradict the rows at hand (info; nothing is rejected)."""
    told = file.sheet.typed.checks
    rules = {name: rule for name, rule in _RULES.get(kind.name, {}).items() if name in told}
    if kind.name == "deal" and "probability_bp" in frame.columns:
        rows = frame.with_columns(pl.col("probability_bp").alias("check"))
        _note(file, "probability", rows.filter(_not_certain(rows)))
    if not rules:
        return
    if kind.name == "order_line" and "order" in frame.columns:
        days = state_of(KINDS["order"], frame["order"].drop_nulls()).select("entity", pl.col("day").alias("parent_day"))
        frame = frame.join(days, left_on="order", right_on="entity", how="left", maintain_order="left")
    columns = {f"__{name}": told[name].values for name in rules}
    rows = frame.join(pl.DataFrame({"row": file.numbers, **columns}), on="row", how="left", maintain_order="left")
    for name, rule in rules.items():
        here = rows.with_columns(pl.col(f"__{name}").alias("check"))
        if (found := _safe(rule, here)) is not None:
            _note(file, name, here.filter(pl.col("check").is_not_null() & found.fill_null(value=False)))


def with_former(file: FileRun, ordered: pl.DataFrame) -> None:
    """Rows of a history that name another value before them than the row before says."""
    typed = file.sheet.typed
    now = {"former_amount": "amount_minor", "former_close_on": "close_on", "former_stage": "label"}
    rows = ordered
    if "stage" in typed.fields:
        labels = pl.DataFrame({"row": file.numbers, "label": typed.fields["stage"].values})
        rows = rows.drop("label", strict=False).join(labels, on="row", how="left", maintain_order="left")
    for name, column in now.items():
        if name in typed.checks and column in rows.columns:
            told = pl.DataFrame({"row": file.numbers, "said": typed.checks[name].values})
            before = rows.with_columns(pl.col(column).shift(1).over("deal").alias("before"))
            _disagree(file, before.join(told, on="row", how="left"), file.sheet.bound.checks[name].label)


def with_old_values(file: FileRun, rows: pl.DataFrame) -> None:
    """Rows of a log (`row, deal, event`, in order of time) whose old value is not the new value of the row before."""
    history, texts = file.sheet.bound.history, file.sheet.table.frame
    if history is None or history.old_value is None or history.value is None:
        return
    said = {"row": file.numbers, "said": trim(texts[history.old_value]), "new": trim(texts[history.value])}
    told = rows.select("row", "deal", "event").join(pl.DataFrame(said), on="row", how="left", maintain_order="left")
    _disagree(file, told.with_columns(pl.col("new").shift(1).over("deal", "event").alias("before")), history.old_value)


def _disagree(file: FileRun, rows: pl.DataFrame, column: str) -> None:
    wrong = rows.filter(pl.col("said").is_not_null() & (pl.col("said") != pl.col("before")))
    hint = "The row before it says something else; each row counts as it stands. Is a row missing in this history?"
    told = wrong.with_columns(pl.col("said").cast(pl.String).alias("value"))
    file.note("history_disagrees", "warning", told, column=column, hint=hint)


def _safe(rule: Compared, rows: pl.DataFrame) -> pl.Expr | None:
    """A rule needs columns that a file may not have."""
    found = rule(rows)
    return found if set(found.meta.root_names()) <= set(rows.columns) else None


def _note(file: FileRun, name: str, rows: pl.DataFrame) -> None:
    told = file.kept(rows).with_columns(pl.col("check").cast(pl.String).alias("value"))
    column = file.sheet.bound.checks.get(name)
    certain = name == "probability"
    code = "status_conflict" if name in _FLAGS else "probability_conflict" if certain else "check_conflict"
    file.note(
        code,
        "info",
        told,
        field_name=name,
        column=column.label if column else None,
        hint=_HINTS.get(name),
    )


def _decided() -> pl.Expr:
    return pl.col("status").is_in(list(DECIDED))


def _not_certain(_rows: pl.DataFrame) -> pl.Expr:
    """Won is certain, lost is impossible; anything else contradicts the stage."""
    won, lost = pl.col("status") == "won", pl.col("status") == "lost"
    return (won & (pl.col("check") != 10_000)) | (lost & (pl.col("check") != 0))


def _other_status(_rows: pl.DataFrame) -> pl.Expr:
    told, closed = pl.col("check").str.to_lowercase(), _decided()
    return (
        pl.when(told == "closed")
        .then(~closed)
        .when(told.is_in(["won", "lost", "open"]))
        .then(told != pl.col("status"))
        .otherwise(pl.lit(value=False))
    )


def _days_apart(_rows: pl.DataFrame) -> pl.Expr:
    """A day more or less is the zone of the source."""
    days = (pl.col("closed_us") - pl.col("created_us")) // _DAY_US
    return (pl.col("check") - days).abs() > 1


def _not_the_sum(rows: pl.DataFrame) -> pl.Expr:
    parts = [name for name in ("amount_minor", "tax_minor", "__freight", "__adjustment") if name in rows.columns]
    less = pl.col("__discount").fill_null(0) if "__discount" in rows.columns else pl.lit(0)
    return (pl.col("check") - (pl.sum_horizontal(parts) - less)).abs() > _CENTS


def _turned_down(_rows: pl.DataFrame) -> pl.Expr:
    return pl.col("check") & (pl.col("status") == "rejected")


_RULES: dict[str, dict[str, Compared]] = {
    "deal": {
        "closed": lambda _: pl.col("check") != _decided(),
        "won": lambda _: pl.col("check") != (pl.col("status") == "won"),
        "status": _other_status,
        "probability": _not_certain,
        "expected_amount": lambda _: pl.col("check") > pl.col("amount_minor"),
        "weighted_amount": lambda _: pl.col("check") > pl.col("amount_minor"),
        "days_to_close": _days_apart,
    },
    "lead": {"converted": _turned_down},
    "order": {
        **dict.fromkeys(("freight", "discount", "adjustment"), lambda _: pl.lit(value=False)),
        "total": _not_the_sum,
        "online": lambda _: pl.col("check") & pl.col("owner").is_not_null(),
    },
}
_RULES["invoice"] = _RULES["quote"] = _RULES["order"]
_RULES["order_line"] = {"day": lambda _: pl.col("check") != pl.col("parent_day")}
