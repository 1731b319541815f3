"""A process of its own that imports files: to be killed, to run beside another, to meet a full disk.

python importing.py HOME ORDER: HOME is the data folder, ORDER a JSON object of `files`, `options`, `limit` (bytes that
a file may grow to: a full disk) and `content` (write everything that stands in the home to stdout).
"""

import json
import os
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def main(home: Path, order: dict[str, Any]) -> None:
    os.environ["HEDEF_HOME"] = str(home)
    os.environ.setdefault("HEDEF_SECRET_KEY", "a test")
    from hedef.cli_support import open_home

    open_home(home)
    if order.get("limit"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["limit"], resource.RLIM_INFINITY))
    from hedef.intake.services import run_import
    from hedef.kernel.errors import HedefError
    from tests.intake.content import answer_content, everything

    told: dict[str, Any] = {}
    if order.get("files"):
        options = {"yes": True, "exported_at": datetime(2017, 10, 1, tzinfo=UTC), **order.get("options", {})}
        try:
            answers = run_import(files=order["files"], actor="ada", **options).files
        except HedefError as fault:
            told["fault"] = fault.as_json()
        else:
            told["answers"] = [answer_content(one) for one in answers]
    if order.get("content"):
        told["content"] = everything(hashes=bool(order.get("hashes", True)))
    print(json.dumps(told, default=str, sort_keys=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
