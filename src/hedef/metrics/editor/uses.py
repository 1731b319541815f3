"""Which other metrics a metric is made of."""

import re
from collections.abc import Iterator

from hedef.metrics.schema import MetricDocument

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WORDS = {"max", "min", "abs", "mean", "at_start", "period_days"}


def uses(document: MetricDocument) -> Iterator[str]:
    """`metric:won_deals` for every part of a ratio and every name of a formula."""
    names = [document.numerator, document.denominator]
    names += [name for name in _NAME.findall(getattr(document, "formula", None) or "") if name not in _WORDS]
    yield from (f"metric:{name}" for name in dict.fromkeys(names) if name)
