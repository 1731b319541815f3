"""What the roles are called on pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROLE_NAMES: dict[str, Promise] = {
    "operations": _("Sales operations"),
    "manager": _("Manager"),
    "rep": _("Rep"),
    "finance": _("Finance"),
    "enablement": _("Enablement"),
    "admin": _("Admin"),
}
