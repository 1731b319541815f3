"""The peer of the import: the same CSV through `csv`, model instances and Django's `bulk_create`.

Same columns and indexes (the deal table and its external keys), one transaction, no ledger, no history, no checks.
Run in a process of its own: python -m benchmarks.bulk_create_peer USERS ACCOUNTS DEALS
"""

import csv
import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

BATCH = 5_000
STATUS = {"Closed Won": "won", "Closed Lost": "lost"}
CODE = {
    "Prospecting": "prospecting",
    "Qualification": "qualification",
    "Needs Analysis": "needs-analysis",
    "Proposal": "proposal",
    "Negotiation": "negotiation",
    "Closed Won": "won",
    "Closed Lost": "lost",
}


def _us(text: str) -> int:
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    return int(moment.astimezone(UTC).timestamp()) * 1_000_000


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def main(users: Path, accounts: Path, deals: Path) -> dict[str, Any]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "hedef.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from hedef.ledger.services import source
    from hedef.records.models import Deal, ExternalKey

    call_command("migrate", verbosity=0)
    crm = source("peer")
    numbers = itertools.count(1)
    people = {row["Id"]: next(numbers) for row in _rows(users)}
    companies = {row["Id"]: next(numbers) for row in _rows(accounts)}
    start, worked = time.perf_counter(), time.process_time()
    count = total = 0
    with transaction.atomic():
        for chunk in itertools.batched(_rows(deals), BATCH):
            made, keys = [], []
            for row in chunk:
                entity = next(numbers)
                status = STATUS.get(row["StageName"], "open")
                changed = _us(row["LastModifiedDate"])
                amount = int(Decimal(row["Amount"]) * 100)
                made.append(
                    Deal(
                        entity=entity,
                        last_batch=1,
                        last_ord=count,
                        last_effective_us=changed,
                        created_us=_us(row["CreatedDate"]),
                        name=row["Name"],
                        account=companies[row["AccountId"]],
                        process="sales",
                        stage=CODE[row["StageName"]],
                        status=status,
                        amount_minor=amount,
                        currency="USD",
                        owner=people[row["OwnerId"]],
                        close_on=date.fromisoformat(row["CloseDate"]),
                        category=row["ForecastCategoryName"],
                        probability_bp=int(row["Probability"]) * 100,
                        deal_type=row["Type"],
                        source=row["LeadSource"],
                        next_step=row["NextStep"] or None,
                        closed_us=changed if status != "open" else None,
                    )
                )
                keys.append(ExternalKey(source=crm, object="deal", ext_id=row["Id"], entity=entity, row_hash=count))
                count, total = count + 1, total + amount
            Deal.objects.bulk_create(made)
            ExternalKey.objects.bulk_create(keys)
    seconds, cpu = time.perf_counter() - start, time.process_time() - worked
    return {"rows": count, "amount_minor": total, "seconds": round(seconds, 2), "cpu": round(cpu, 2)}


if __name__ == "__main__":
    print(json.dumps(main(*(Path(one) for one in sys.argv[1:4]))))
