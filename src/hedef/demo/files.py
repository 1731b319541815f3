"""The newest files of Poyraz Instruments, through the import like everybody's: open deals, and leads from a fair."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hedef.demo import cast
from hedef.demo.story import Event

SOURCE = "poyraz-crm"
FAIR = "fair-leads"

_STAGES = {
    "qualify": "Qualify",
    "discover": "Discover",
    "propose": "Propose",
    "negotiate": "Negotiate",
    "close": "Close",
}
_LEADS = (
    ("Sedat", "Yalın", "Yalın Gıda", "2026-11-12", "New"),
    ("Greta", "Holm", "Holm Seafood", "2026-11-12", "New"),
    ("Anton", "Reuter", "Reuter Anlagen", "2026-11-12", "New"),
    ("Nil", "Sarp", "Sarp Kimya", "2026-11-31", "New"),  # November has 30 days: comes back to be fixed
    ("Elif", "Duman", "Duman Cam", "2026-11-13", "Working"),
    ("Jasper", "Kuyper", "Kuyper Glas", "2026-11-13", "Working"),
    ("Maeve", "Quill", "Quill Dairy", "2026-11-13", "New"),
)


def import_files(events: Sequence[Event]) -> None:
    """Import the open deals as the CRM exports them today, and the fair's list with its one impossible date."""
    from hedef.intake.services import run_import

    with TemporaryDirectory() as folder:
        deals, leads = Path(folder) / f"open-deals-{cast.TODAY}.csv", Path(folder) / "fair-leads.csv"
        _write(deals, open_deals(events))
        _write(leads, [("FirstName", "LastName", "Company", "Email", "LeadSource", "CreatedDate", "Status"), *_leads()])
        run_import(files=[deals], source=SOURCE, actor="defne", yes=True)
        run_import(files=[leads], source=FAIR, actor="defne", yes=True)


def open_deals(events: Iterable[Event]) -> list[tuple[str, ...]]:
    """Header and one row for each deal that is open at the end of the story."""
    now: dict[str, dict[str, object]] = {}
    for event in sorted((one for one in events if one.kind == "deal"), key=lambda one: one.effective_us):
        now.setdefault(event.key, {}).update(event.fields)
    rows = [("Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Currency", "Close Date", "Deal owner")]
    for key, fields in now.items():
        if fields["status"] == "open":
            owner = fields["owner"]
            mail = f"{str(owner).partition(':')[2]}@poyraz.example" if owner else ""
            rows.append(
                (
                    key,
                    str(fields["name"]),
                    "New business",
                    _STAGES[str(fields["stage"])],
                    _amount(fields["amount_minor"]),
                    str(fields["currency"]),
                    _day(fields["close_on"]),
                    mail,
                )
            )
    return rows


def _amount(minor: object) -> str:
    return f"{minor // 100}.{minor % 100:02d}" if isinstance(minor, int) else ""


def _day(day: object) -> str:
    return day.isoformat() if isinstance(day, date) else ""


def _leads() -> list[tuple[str, ...]]:
    return [
        (first, last, company, f"{first}.{last}@{company.replace(' ', '-')}.example".lower(), "Event", day, status)
        for first, last, company, day, status in _LEADS
    ]


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
