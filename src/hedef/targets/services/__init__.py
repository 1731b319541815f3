"""Write verbs of targets: import, split, phase, publish."""

from hedef.targets.services.adjust import AdjustAnswer, AdjustOrder, adjust_plan
from hedef.targets.services.final import BOARD, keep_board, tell_board
from hedef.targets.services.imports import SheetAnswer, SheetOrder, import_lines
from hedef.targets.services.letters import acknowledge_letter
from hedef.targets.services.phase import PhaseAnswer, PhaseOrder, phase_plan
from hedef.targets.services.plans import PlanOptions
from hedef.targets.services.publish import Published, nobody_else_approves, publish_alone, publish_plan, simulate_plan
from hedef.targets.services.split import SplitAnswer, SplitOrder, split_plan

__all__ = [
    "AdjustAnswer",
    "AdjustOrder",
    "PhaseAnswer",
    "PhaseOrder",
    "PlanOptions",
    "Published",
    "SheetAnswer",
    "SheetOrder",
    "SplitAnswer",
    "SplitOrder",
    "acknowledge_letter",
    "adjust_plan",
    "import_lines",
    "keep_board",
    "nobody_else_approves",
    "phase_plan",
    "publish_alone",
    "publish_plan",
    "register_room",
    "simulate_plan",
    "split_plan",
]


def register_room() -> None:
    """Lend the lower rooms what is ours: the document kind, the importable object, the facts table of the lines."""
    from hedef.definitions.kinds import DocumentKind
    from hedef.definitions.kinds import register as register_kind
    from hedef.facts.services import record_table, register
    from hedef.intake.importables import Importable
    from hedef.intake.importables import register as register_importable
    from hedef.publications.services import register_teller
    from hedef.targets.checks import check_plan
    from hedef.targets.effective import TARGET_EFFECTIVE
    from hedef.targets.schema import TargetPlan, plan_words
    from hedef.targets.services.handed import take_rows

    register_kind(
        DocumentKind(
            "target-plan",
            TargetPlan,
            needs_second=True,
            check=check_plan,
            words=plan_words,
            simulate=simulate_plan,
            uses=lambda plan: [f"metric:{plan.metric.metric.partition('@')[0]}", "calendar:company"],
            page=lambda plan: f"/targets/scoreboard?plan={plan}",
        )
    )
    register_teller(BOARD, tell_board)
    register(TARGET_EFFECTIVE)
    register_importable(Importable("target_line", take_rows, needs_plan=True))
    register(
        record_table(
            "target_line",
            {
                "plan": "VARCHAR",
                "plan_version": "BIGINT",
                "scope_kind": "VARCHAR",
                "team": "BIGINT",
                "person": "BIGINT",
                "metric": "VARCHAR",
                "period": "VARCHAR",
                "value": "BIGINT",
                "unit": "VARCHAR",
                "currency": "VARCHAR",
                "origin": "VARCHAR",
                "parent": "BIGINT",
            },
        )
    )
