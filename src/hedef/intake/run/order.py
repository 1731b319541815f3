"""What a person asked for, before anything is read; kept with the job, so that it can be done again after a kill."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hedef.intake import queries
from hedef.intake.engine.parts import PART_ROWS
from hedef.intake.run.foreseen import Foreseen
from hedef.intake.schema import Mapping as MappingModel

_WORDS = (
    "actor",
    "names",
    "source",
    "object",
    "decide",
    "plan",
    "exported_us",
    "scope",
    "yes",
    "fixes",
    "confirm_gone",
)


@dataclass(frozen=True)
class Order:
    """One call. `look` is told what a rehearsal comes to."""

    files: Sequence[Path]
    actor: str
    names: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    object: str | None = None
    mapping: MappingModel | None = None
    decide: Mapping[str, str] = field(default_factory=dict)
    plan: str | None = None
    exported_us: int | None = None
    scope: str | None = None
    dry_run: bool = False
    yes: bool = False
    spellings_open: bool = False
    fixes: int | None = None
    confirm_gone: bool = False
    control: Mapping[str, int] = field(default_factory=dict)  # control totals: `rows`, or minor units of a currency
    mappings: Mapping[str, MappingModel] = field(default_factory=dict)
    look: Callable[[Foreseen], None] | None = None
    part_rows: int = PART_ROWS

    def mapping_of(self, path: Path) -> MappingModel | None:
        return self.mappings.get(str(path)) or self.mapping

    def options(self) -> dict[str, Any]:
        """What the steps may ask of the order."""
        told: dict[str, Any] = {"dry_run": self.dry_run}
        told |= {"source": self.source} if self.source else {}
        told |= {"scope": self.scope} if self.scope else {}
        told |= {"fixes": self.fixes} if self.fixes else {}
        told |= {"control": dict(self.control)} if self.control else {}
        told |= {"exported_at": self.exported_us} if self.exported_us else {}
        return told | ({"confirm_gone": True} if self.confirm_gone else {})

    def as_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in _WORDS}
        return {
            **told,
            "names": dict(self.names),
            "decide": dict(self.decide),
            "control": dict(self.control),
            "files": [str(one.absolute()) for one in self.files],
            "mapping": None if self.mapping is None else self.mapping.model_dump(mode="json"),
            "mappings": {path: one.model_dump(mode="json") for path, one in self.mappings.items()},
            "part_rows": self.part_rows,
            "spellings_open": self.spellings_open,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Order":
        given = told["mapping"]
        return cls(
            files=[Path(one) for one in told["files"]],
            mapping=None if given is None else MappingModel.model_validate(given),
            mappings={path: MappingModel.model_validate(one) for path, one in told["mappings"].items()},
            part_rows=told["part_rows"],
            control=told.get("control") or {},
            spellings_open=bool(told.get("spellings_open")),
            **{name: told[name] for name in _WORDS},
        )


def like_before(order: Order) -> Order:
    """Fixed rejects belong to the import they came from: same source, object, answers and export time."""
    if order.fixes is None:
        return order
    former = queries.job_of_batch(order.fixes)
    return replace(
        order,
        source=order.source or former.source,
        decide={**(former.options.get("decide") or {}), **order.decide},
        plan=order.plan or former.options.get("plan"),
        exported_us=order.exported_us or former.exported_us,
    )
