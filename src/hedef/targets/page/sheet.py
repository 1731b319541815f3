"""The board as CSV: the keys of its JSON, one row a scope, numbers as programs read them."""

import csv
import io

from hedef.targets.queries import Scoreboard

COLUMNS = (
    "scope",
    "name",
    "parent",
    "target",
    "original_target",
    "actual",
    "attainment",
    "expected",
    "pace",
    "points_to_pace",
    "gap",
    "needed_per_day",
    "projection",
    "band",
    "notes",
)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # a sheet would read a name that begins so as a formula


def sheet(board: Scoreboard) -> str:
    """A header, the total, then the rows in the order of the board."""
    told = board.as_json()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["plan", "metric", "currency", "period", "as_of", *COLUMNS])
    head = [told["plan"], told["metric"], told["currency"] or "", told["period"]["id"], told["as_of"]]
    for row in (told["total"], *told["rows"]):
        cells = [row[name] if name != "notes" else " ".join(row["notes"]) for name in COLUMNS]
        cells[1] = _harmless(row["name"] or "")
        writer.writerow([*head, *("" if one is None else one for one in cells)])
    return out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(DANGEROUS) else text
