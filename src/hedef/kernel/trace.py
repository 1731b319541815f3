"""Why a number is what it is: built by the engine that made it, never derived again for show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was done (`label`), what came out (`value`, already as JSON shows it), from which inputs."""

    label: str
    value: str | int | None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"label": self.label, "value": self.value, "detail": dict(self.detail)}


@dataclass(frozen=True, slots=True)
class Trace:
    """Definition and version (`won_value@1`), steps in order, and the rows that took part (spelled ids, no words)."""

    definition: str
    steps: tuple[Step, ...] = ()
    rows: tuple[str, ...] = ()

    def then(self, label: str, value: str | int | None, **detail: Any) -> "Trace":
        """The same trace with one more step."""
        return Trace(self.definition, (*self.steps, Step(label, value, detail)), self.rows)

    def as_json(self) -> dict[str, Any]:
        return {
            "definition": self.definition,
            "steps": [step.as_json() for step in self.steps],
            "rows": list(self.rows),
        }
