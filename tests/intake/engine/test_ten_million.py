"""One file of ten million rows is read within bounded memory (data.md sections 11 and 12)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PEAK_MB = 512
# ru_maxrss of a started program begins at what its parent held, so its own peak is read from the kernel (VmHWM).

READ = """
import json, resource, sys
from datetime import date
from pathlib import Path
import django
django.setup()
from hedef.intake.run.sheet import open_sheet, receive, recognise
from hedef.intake.schema import Mapping

mapping = Mapping.model_validate({"vendor": "files", "shape": "any", "object": "deal", "key": "Id", "fields": {
    "amount": {"column": "Amount", "type": "money"}, "close_on": {"column": "Close", "type": "date"}}})
known = recognise(receive(Path(sys.argv[1]), limit_bytes=1 << 31), object_=None, mapping=mapping)
sheet = open_sheet(known, decide={}, saved=(), zone="UTC", currency="EUR", far_after=date(2036, 1, 1), row_limit=10**7)
total = sum(int(part.typed.fields["amount"].values.sum()) for part in sheet.parts())
own = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
peak = [int(own.split()[1]) // 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024]
print(json.dumps({"rows": sheet.rows, "total": total, "repeated": sheet.repeated().height, "peak": peak}))
"""


@pytest.mark.slow
def test_ten_million_rows_are_read_within_512_mb(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    with path.open("wb") as out:
        out.write(b"Id,Amount,Close\n")
        for block in range(100):
            first = block * 100_000
            out.write(b"".join(b"%d,1.25,2026-0%d-15\n" % (n, 1 + n % 9) for n in range(first, first + 100_000)))
    environ = {"HEDEF_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "hedef.settings", "PATH": ""}
    (tmp_path / "home").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["rows"], told["total"], told["repeated"]) == (10_000_000, 1_250_000_000, 0)
    assert max(told["peak"]) < PEAK_MB, told
