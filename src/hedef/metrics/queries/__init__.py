"""Reads of metrics: numbers, the rows behind them, and why a number is what it is."""

from hedef.metrics.queries.changed import change
from hedef.metrics.queries.documents import metric_in_force, metrics_in_force
from hedef.metrics.queries.drill import Drill, Row, rows, why
from hedef.metrics.queries.evaluate import Evaluation, evaluate
from hedef.metrics.queries.listed import (
    cells_json,
    compare,
    documents_json,
    resolve_scope,
    rows_json,
    scope_names,
    why_json,
)
from hedef.metrics.queries.setting import Setting, setting
from hedef.metrics.queries.show import show

__all__ = [
    "Drill",
    "Evaluation",
    "Row",
    "Setting",
    "cells_json",
    "change",
    "compare",
    "documents_json",
    "evaluate",
    "metric_in_force",
    "metrics_in_force",
    "resolve_scope",
    "rows",
    "rows_json",
    "scope_names",
    "setting",
    "show",
    "why",
    "why_json",
]
