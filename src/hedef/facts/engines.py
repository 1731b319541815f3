"""Who answers questions to the facts: one setting, `HEDEF_FACTS_ENGINE`. All read the same pinned files."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa
from django.conf import settings

from hedef.facts.duck import At, database
from hedef.facts.store import Store


class Engine(Protocol):
    """Answers a question over the tables `names`, as known at a pin; `inputs` are tables of the caller."""

    def ask(
        self, sql: str, names: Sequence[str], params: Mapping[str, Any], inputs: Mapping[str, pa.Table], at: At
    ) -> pa.Table: ...


def engine(store: Store) -> Engine:
    """The engine of this home for the facts in `store`."""
    match settings.HEDEF.facts_engine:
        case "clickhouse":
            from hedef.facts.clickhouse import clickhouse

            return clickhouse(store)
        case "spark":
            from hedef.facts.spark import spark

            return spark(store)
        case _:
            return database(store)
