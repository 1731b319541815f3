"""The peer of the dashboard: the same six questions as plain SQL over a table of deals, behind a small WSGI app.

`HEDEF_PEER` names a SQLite file or a PostgreSQL address. Deals have covering indexes made for these questions; nothing
is kept of history, access, definitions or trust.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any

FROM, TO = 1_743_465_600_000_000, 1_751_327_999_999_999  # 2025-04-01 .. 2025-06-30, UTC
YEAR_FROM, YEAR_TO = 1_735_689_600_000_000, 1_767_225_599_999_999  # 2025
TEAM = "JOIN member m ON m.person = d.owner"
QUESTIONS = {
    "open_pipeline": "SELECT 0, sum(amount_minor), count(*) FROM deal WHERE status = 'open'",
    "open_deals": f"SELECT m.team, count(*), 1 FROM deal d {TEAM} WHERE d.status = 'open' GROUP BY 1 ORDER BY 1",
    "won_value": f"SELECT owner, sum(amount_minor), 1 FROM deal WHERE status = 'won' AND closed_us BETWEEN {FROM} "
    f"AND {TO} GROUP BY 1 ORDER BY 1",
    "win_rate": f"SELECT m.team, sum(CASE WHEN d.status = 'won' THEN 1 ELSE 0 END), count(*) FROM deal d {TEAM} "
    f"WHERE d.status IN ('won', 'lost') AND d.closed_us BETWEEN {FROM} AND {TO} GROUP BY 1 ORDER BY 1",
    "new_deals": f"SELECT m.team, count(*), 1 FROM deal d {TEAM} WHERE d.created_us BETWEEN {FROM} AND {TO} "
    "GROUP BY 1 ORDER BY 1",
    "average_deal": f"SELECT 0, sum(amount_minor), count(*) FROM deal WHERE status = 'won' AND closed_us BETWEEN "
    f"{YEAR_FROM} AND {YEAR_TO}",
}
TABLES = (
    """CREATE TABLE deal (entity bigint primary key, owner bigint, status text, amount_minor bigint,
    created_us bigint, closed_us bigint)""",
    "CREATE TABLE member (person bigint primary key, team bigint)",
)
INDEXES = (
    "CREATE INDEX deal_closed ON deal (status, closed_us, owner, amount_minor)",
    "CREATE INDEX deal_created ON deal (created_us, owner)",
)
_own = threading.local()


def connect(address: str) -> Any:
    if address.startswith("postgres"):
        import psycopg

        return psycopg.connect(address, autocommit=True)
    return sqlite3.connect(address)


def _connection() -> Any:
    if not hasattr(_own, "connection"):
        _own.connection = connect(os.environ["HEDEF_PEER"])
    return _own.connection


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    name = environ["PATH_INFO"].strip("/")
    rows = [[int(one or 0) for one in row] for row in _connection().execute(QUESTIONS[name]).fetchall()]
    start("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(rows).encode()]
