"""What each right is called in a sentence: what somebody may not do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RIGHT_WORDS: dict[str, Promise] = {
    "read_data": _("see imports, sources and the ledger"),
    "import": _("import files"),
    "map": _("change mappings"),
    "edit_record": _("change records"),
    "edit_deal": _("change deals"),
    "undo": _("take batches back"),
    "erase": _("erase words of people"),
    "write_definition": _("write definitions"),
    "approve": _("approve definitions"),
    "plan_targets": _("plan targets"),
    "read_log": _("see who read what"),
    "adjust": _("adjust numbers"),
    "read_pay": _("see pay"),
    "approve_money": _("approve what moves money"),
    "write_playbook": _("write the playbook"),
    "manage_users": _("manage users and tokens"),
    "change_settings": _("change settings"),
}


def right_words(right: str) -> str:
    """`import files` for `import`; the right itself where it has no words."""
    return str(RIGHT_WORDS.get(right, right))
