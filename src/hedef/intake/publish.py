"""The table `trust_state` for the facts: the trust of an old number is a lookup by what was known then."""

import pyarrow as pa

from hedef.facts.engine.tables import Table

COLUMNS = {
    "source": "VARCHAR",
    "object": "VARCHAR",
    "check": "VARCHAR",
    "level": "VARCHAR",
    "measured": "BIGINT",
    "limit": "BIGINT",
    "rows": "BIGINT",
    "batch": "BIGINT",
}


def trust_rows(after_no: int, upto_no: int) -> pa.Table:
    """Trust states measured in the seals after `after_no` up to `upto_no`, each with sign 1."""
    from hedef.intake.models import TrustState

    found = TrustState.objects.filter(seal_no__gt=after_no, seal_no__lte=upto_no).order_by("pk")
    stored = ("seal_no", "source", "object", "check_name", "level", "measured", "bound", "rows", "batch")
    columns = list(zip(*found.values_list(*stored), strict=True)) or [()] * len(stored)
    types = [pa.int64(), *(pa.string() if of == "VARCHAR" else pa.int64() for of in COLUMNS.values())]
    arrays = [pa.array(values, of) for values, of in zip(columns, types, strict=True)]
    arrays.append(pa.array([1] * len(columns[0]), pa.int32()))
    return pa.table(arrays, names=["known_no", *COLUMNS, "sign"])


TRUST_STATE = Table(
    name="trust_state",
    columns=COLUMNS,  # type: ignore[arg-type]
    reader=trust_rows,
    key="batch",
)
