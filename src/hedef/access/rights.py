"""What each role may do. Pure: the table, and nothing that needs a database."""

from collections.abc import Iterable

ROLES = ("operations", "manager", "rep", "finance", "enablement", "admin")

RIGHTS: dict[str, frozenset[str]] = {
    "operations": frozenset(
        {
            "read_data",
            "import",
            "map",
            "edit_record",
            "edit_deal",
            "undo",
            "erase",
            "write_definition",
            "approve",
            "plan_targets",
            "read_log",
        }
    ),
    "manager": frozenset({"edit_deal", "adjust", "approve"}),
    "rep": frozenset({"edit_deal"}),
    "finance": frozenset({"read_data", "read_pay", "approve", "approve_money"}),
    "enablement": frozenset({"read_data", "write_playbook"}),
    "admin": frozenset({"read_data", "read_log", "manage_users", "change_settings"}),
}
"""Rights by role; where a right meets people or deals, the user's scope narrows it further."""

ALL_RIGHTS: frozenset[str] = frozenset().union(*RIGHTS.values())

SEES_EVERYTHING = frozenset({"operations", "finance", "enablement", "admin"})

MONEY_KINDS = frozenset({"pay-plan"})
"""Kinds of document that only finance approves."""


def rights_of(roles: Iterable[str]) -> frozenset[str]:
    """Every right that one of the roles gives; an unknown role gives none."""
    return frozenset().union(*(RIGHTS.get(role, frozenset()) for role in roles))
