"""What one of several writers does at once: chunked imports over the same deals, new ones, edits. Run as a process of
its own: `python -m tests.records.writers SEED ROUNDS DEAL...`."""

import random
import sys
from collections import Counter

import pyarrow as pa


def work(seed: int, rounds: int, deals: list[int]) -> Counter[str]:
    """Write for some rounds; answers what this writer has sealed and abandoned."""
    from hedef.ledger.services import chunk, open_batch, source
    from hedef.records import services

    dice, done = random.Random(seed), Counter[str]()
    crm = source(f"crm-{seed}")
    for at in range(rounds):
        if dice.random() < 0.6:
            fields = {"amount_minor": seed * 1000 + at}
            one = dice.choice(deals)
            services.change(kind="deal", entity=one, fields=fields, effective_us=dice.randrange(9), actor=f"w{seed}")
            done["edits"] += 1
            continue
        batch = open_batch(kind="import", actor=f"w{seed}", source=crm)
        for _ in range(dice.randrange(1, 4)):
            new = services.allocate(2)
            told = [*sorted(dice.sample(deals, 3)), new, new + 1]
            when = pa.array([dice.randrange(9)] * 5, pa.int64())
            with chunk(batch):
                rows = {"entity": told, "effective_us": when, "stage": [f"{seed}-{at}"] * 5}
                services.apply_changes(batch=batch, kind="deal", rows=pa.table(rows))
                keys = pa.table({"ext_id": [f"{one}" for one in told], "entity": told, "row_hash": [at] * 5})
                services.save_keys(source=crm, object="deal", keys=keys, batch=batch)
            done["open"] += 1
        if dice.random() < 0.7:
            services.seal(batch)
            done["imports"] += 1
            done["rows"] += batch.rows
        else:
            services.abandon(batch, reason="story")
    return done


if __name__ == "__main__":
    import django

    django.setup()
    told = work(int(sys.argv[1]), int(sys.argv[2]), [int(one) for one in sys.argv[3:]])
    print(told["edits"], told["imports"], told["rows"])
