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
_FAIR_FIRST = "Sedat Greta Anton Nil Elif Jasper Maeve Tuna Ida Bruno Sıla Aksel Fatih Liv Yaren Emil".split()
_FAIR_LAST = "Yalın Holm Reuter Sarp Duman Kuyper Quill Ateş Lund Berg".split()
_FAIR_DAYS = ("2026-11-12", "2026-11-13", "2026-11-14")
_IMPOSSIBLE = 17  # this lead came in on "2026-11-31": November has 30 days, so it comes back to be fixed


def import_files(events: Sequence[Event]) -> None:
    """Import the open deals as the CRM exports them today, and the fair's list with its one impossible date."""
    from hedef.intake.services import run_import

    with TemporaryDirectory() as folder:
        deals, leads = Path(folder) / f"open-deals-{cast.TODAY}.csv", Path(folder) / "fair-leads.csv"
        _write(deals, open_deals(events))
        _write(leads, [("FirstName", "LastName", "Company", "Email", "LeadSource", "CreatedDate", "Status"), *_leads()])
        run_import(files=[deals], source=SOURCE, actor="defne", yes=True)
        run_import(files=[leads], source=FAIR, actor="defne", yes=True, decide={"key": "Email"})


def open_deals(events: Iterable[Event]) -> list[tuple[str, ...]]:
    """Header and one row for each deal that is open at the end of the story."""
    now: dict[str, dict[str, object]] = {}
    for event in sorted((one for one in events if one.kind == "deal"), key=lambda one: one.effective_us):
        now.setdefault(event.key, {}).update(event.fields)
    rows: list[tuple[str, ...]] = [
        ("Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Currency", "Close Date", "Deal owner")
    ]
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
    rows: list[tuple[str, ...]] = []
    for number in range(40):
        first, last = _FAIR_FIRST[number % len(_FAIR_FIRST)], _FAIR_LAST[number % len(_FAIR_LAST)]
        company = f"{last} {cast.ACCOUNT_LAST['TR'][number % 12]}"
        day = "2026-11-31" if number == _IMPOSSIBLE else _FAIR_DAYS[number % 3]
        mail = f"lead{number:02d}@fair.example"
        rows.append((first, last, company, mail, "Event", day, "New" if number % 3 else "Working"))
    return rows


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
