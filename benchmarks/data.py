"""Made-up input of any size: a CRM's deal export, and change events of deals. Seeded, so every run reads the same."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

STAGES = ("Prospecting", "Qualification", "Needs Analysis", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
CATEGORY = {"Closed Won": "Closed", "Closed Lost": "Omitted", "Negotiation": "Commit", "Proposal": "Best Case"}
PEOPLE = 300
ACCOUNTS = 20_000


def write_users(path: Path) -> None:
    """`PEOPLE` users in the columns of a Salesforce export."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Id", "Username", "FirstName", "LastName", "Name", "Email", "IsActive", "TimeZoneSidKey"])
        for number in range(PEOPLE):
            name = f"Rep {number:03d}"
            mail = f"rep{number:03d}@example.com"
            writer.writerow([f"005{number:012d}AAA", mail, "Rep", f"{number:03d}", name, mail, "true", "UTC"])


def write_accounts(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Id", "Name", "Industry", "BillingCountry", "OwnerId", "NumberOfEmployees", "Website"])
        for number in range(ACCOUNTS):
            owner = f"005{number % PEOPLE:012d}AAA"
            site = f"c{number}.example.com"
            writer.writerow(
                [f"001{number:012d}AAA", f"Company {number}", "Energy", "DE", owner, 10 + number % 900, site]
            )


def deals(rows: int, first: int = 0) -> pl.DataFrame:
    """`rows` deals from number `first` on, 14 columns, all text, in the columns of a Salesforce export."""
    dice = np.random.default_rng(7 + first)
    number = np.arange(first, first + rows)
    created = dice.integers(0, 730, rows)
    length = dice.integers(5, 120, rows)
    stage = dice.choice(len(STAGES), rows, p=[0.05, 0.06, 0.05, 0.05, 0.04, 0.2, 0.55])
    start = date(2024, 1, 1)
    days = np.array([(start + timedelta(days=int(day))).isoformat() for day in range(900)])
    cents = dice.integers(50_000, 9_000_000, rows)
    names = np.array(STAGES)[stage]
    return pl.DataFrame(
        {
            "Id": pl.Series([f"006{n:012d}AAA" for n in number]),
            "Name": pl.Series([f"Deal {n}, phase {n % 7}" for n in number]),
            "AccountId": pl.Series([f"001{n:012d}AAA" for n in dice.integers(0, ACCOUNTS, rows)]),
            "OwnerId": pl.Series([f"005{n:012d}AAA" for n in dice.integers(0, PEOPLE, rows)]),
            "StageName": pl.Series(names),
            "Amount": pl.Series([f"{c // 100}.{c % 100:02d}" for c in cents]),
            "CloseDate": pl.Series(days[created + length]),
            "Type": pl.Series(np.array(["New Business", "Existing Business"])[number % 2]),
            "LeadSource": pl.Series(np.array(["Web", "Partner", "Event", "Outbound"])[number % 4]),
            "ForecastCategoryName": pl.Series([CATEGORY.get(name, "Pipeline") for name in names]),
            "NextStep": pl.Series(np.where(number % 3 == 0, "Call again\nand send the offer", "")),
            "Probability": pl.Series(np.array(["10", "20", "40", "60", "80", "100", "0"])[stage]),
            "CreatedDate": pl.Series(np.char.add(days[created], "T09:30:00.000+0000")),
            "LastModifiedDate": pl.Series(np.char.add(days[created + length], "T16:00:00.000+0000")),
        }
    )


def write_deals(path: Path, rows: int, at_once: int = 500_000) -> None:
    """A file of any length, made a part at a time."""
    with path.open("wb") as file:
        for first in range(0, rows, at_once):
            part = deals(min(at_once, rows - first), first)
            part.write_csv(file, line_terminator="\r\n", include_header=first == 0)


def changed(frame: pl.DataFrame) -> pl.DataFrame:
    """The next export: 2 % of the deals with another amount, 0.5 % missing, 0.5 % new."""
    rows = frame.height
    place = pl.int_range(pl.len())
    amount = pl.when(place % 50 == 0).then(pl.lit("123456.78")).otherwise(pl.col("Amount"))
    kept = frame.with_columns(amount.alias("Amount")).filter(pl.int_range(pl.len()) % 200 != 77)
    return pl.concat([kept, deals(rows // 200, rows)])


def write_roster(path: Path, people: int = PEOPLE) -> None:
    """Reps under managers (ten each) under five regions, in the columns of a plain roster."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["sales_agent", "manager", "regional_office"])
        for number in range(people):
            manager = number // 10
            writer.writerow([f"Rep N{number:05d}", f"Lead M{manager:04d}", f"Region {manager % 5}"])


def write_pipeline(path: Path, rows: int, people: int = PEOPLE) -> None:
    """`rows` opportunities of two years in the plain shape with sales_agent, deal_stage and close_value."""
    dice = np.random.default_rng(11)
    start = date(2024, 1, 1)
    days = np.array([(start + timedelta(days=int(day))).isoformat() for day in range(900)])
    opened = dice.integers(0, 700, rows)
    stage = dice.choice(np.array(["Engaging", "Won", "Lost"]), rows, p=[0.15, 0.3, 0.55])
    closed = stage != "Engaging"
    cents = dice.integers(50_000, 900_000, rows)
    pl.DataFrame(
        {
            "opportunity_id": pl.Series([f"OP{n:08d}" for n in range(rows)]),
            "sales_agent": pl.Series([f"Rep N{n:05d}" for n in dice.integers(0, people, rows)]),
            "product": pl.Series(np.array(["Alpha", "Beta", "Gamma"])[dice.integers(0, 3, rows)]),
            "account": pl.Series([f"Company {n}" for n in dice.integers(0, 500, rows)]),
            "deal_stage": pl.Series(stage),
            "engage_date": pl.Series(days[opened]),
            "close_date": pl.Series(np.where(closed, days[opened + dice.integers(5, 120, rows)], "")),
            "close_value": pl.Series(np.where(stage == "Lost", "0", np.char.mod("%d", cents // 100))),
        }
    ).write_csv(path, line_terminator="\n")


def write_lists(folder: Path) -> list[Path]:
    """The accounts and products that the plain opportunities name."""
    accounts, products = folder / "accounts.csv", folder / "products.csv"
    accounts.write_text(
        "account,sector,year_established,revenue,employees,office_location,subsidiary_of\n"
        + "".join(f"Company {n},retail,1990,10.5,{100 + n},Germany,\n" for n in range(500)),
        encoding="utf-8",
    )
    products.write_text(
        "product,series,sales_price\n" + "".join(f"{name},Greek,1000\n" for name in ("Alpha", "Beta", "Gamma")),
        encoding="utf-8",
    )
    return [accounts, products]
