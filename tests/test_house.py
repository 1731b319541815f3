"""The house as built: pure engines, light command line, names of the contracts."""

import subprocess
import sys
from pathlib import Path

SRC = Path(__file__).resolve().parent.parent / "src"

# Stands in for an environment in which none of these is installed.
_BLOCKED = """
import sys
BLOCKED = {"django", "ninja", "psycopg", "duckdb", "typer", "granian", "axes", "sqlite3"}
class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is not installed here")
sys.meta_path.insert(0, Wall())
"""


def _pure_modules() -> list[str]:
    found = []
    for path in sorted((SRC / "hedef").rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        if parts[1] == "kernel" or "engine" in parts or parts[-1] == "schema":
            found.append(".".join(parts).removesuffix(".__init__"))
    return found


def test_every_engine_and_schema_runs_where_django_is_not_installed():
    modules = _pure_modules()
    assert "hedef.kernel.issue" in modules
    assert "hedef.records.engine.kinds" in modules
    code = _BLOCKED + "import importlib\n" + f"for name in {modules!r}:\n    importlib.import_module(name)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
