"""Spark over the segments of a pin, through Spark Connect: a cluster of the company, or Sail on this machine."""

import atexit
import os
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from hedef.facts.duck import At
from hedef.facts.engine.dialects import FILES, spark_type, spoken
from hedef.facts.ported import Stored, evened, tables_at
from hedef.facts.store import Store
from hedef.kernel.errors import Refused

_KEPT = 256  # temporary views of file lists


class Spark:
    """Answers questions like `duck.Database`. A list of files is a temporary view, made once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.lock = threading.RLock()
        self.views: dict[str, None] = {}

    def ask(
        self, sql: str, names: Sequence[str], params: Mapping[str, Any], inputs: Mapping[str, pa.Table], at: At
    ) -> pa.Table:
        """Rows of a question over the tables `names`, as known at a pin. Refused with the engine's own words."""
        tables, stored = tables_at([name for name in names if name not in inputs], at)
        with self.lock, tempfile.TemporaryDirectory(prefix="hedef-lent-") as folder:
            text = spoken(sql, params, tables, "spark")
            for one in stored:
                text = text.replace(f"{FILES}{one.name} AS f", f"{self._view(one)} AS f")
            for name, table in inputs.items():
                path = Path(folder) / f"{name}.parquet"
                pq.write_table(table, path)
                session().read.parquet(str(path)).createOrReplaceTempView(name)
            return evened(_run(text))

    def _view(self, one: Stored) -> str:
        """A temporary view over the files of a table."""
        digest = sha256("\n".join(part.path for part in one.parts).encode()).hexdigest()[:16]
        name = f"{FILES}{one.name}_{digest}"
        if name not in self.views:
            rows = session()
            columns = ", ".join(f"{column} {spark_type(of)}" for column, of in one.columns.items())
            paths = [str(self.store.local_path(part.path)) for part in one.parts]
            made = rows.read.schema(columns).parquet(*paths) if paths else rows.createDataFrame([], columns)
            made.createOrReplaceTempView(name)
            self.views[name] = None
            if len(self.views) > _KEPT:
                oldest = next(iter(self.views))
                rows.catalog.dropTempView(oldest)
                del self.views[oldest]
        return name


def _run(text: str) -> pa.Table:
    try:
        rows: pa.Table = session().sql(text).toArrow()
    except Exception as fault:  # the client raises classes of its own for each of the server's
        if type(fault).__module__.startswith(("pyspark", "grpc")):
            raise Refused(f"Spark did not answer: {str(fault)[:300]}") from fault
        raise
    return rows


@cache
def session() -> Any:
    """The session with the server of `HEDEF_SPARK_URL`; without one, with a Sail server of this process."""
    try:
        from pyspark.sql import SparkSession
    except ImportError as fault:
        raise Refused(
            "The Spark client is not installed.", hint="Install hedef[spark], or set HEDEF_FACTS_ENGINE=duckdb."
        ) from fault
    address = settings.HEDEF.spark_url or _own_server()
    opened = SparkSession.builder.remote(address).getOrCreate()
    opened.conf.set("spark.sql.session.timeZone", "UTC")
    return opened


def _own_server() -> str:
    from pysail.spark import SparkConnectServer  # type: ignore[import-untyped]

    os.environ.setdefault("RUST_LOG", "error")  # noqa: TID251 - of the server in this process, not of Hedef
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    atexit.register(server.stop)
    return f"sc://127.0.0.1:{server.listening_address[1]}"


_engines: dict[tuple[int, Store], Spark] = {}


def spark(store: Store) -> Spark:
    return _engines.setdefault((os.getpid(), store), Spark(store))
