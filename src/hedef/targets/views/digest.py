"""How often the digest comes: from the link in a mail without a sign-in, or from one's own page."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hedef.access.models import User
from hedef.kernel.errors import Forbidden
from hedef.targets.page.digest import reader_of
from hedef.targets.services.digests import choose_digest, chosen
from hedef.web.pages import show


@csrf_exempt  # mail programs post "List-Unsubscribe=One-Click" without a form; the key says for whom, and no more
@require_http_methods(["GET", "POST"])
def digest(request: HttpRequest) -> HttpResponse:
    """The choice of weekly, daily and none. A post without a choice is the one click of a mail program: none."""
    key = request.GET.get("key", "")
    if not key and request.method == "GET" and isinstance(request.user, User):
        return HttpResponseRedirect(link_for(request.user))
    user = reader_of(key) if key else None
    if user is None:
        raise Forbidden(_("This link is not one of our mails’."), hint=_("Open the link at the foot of a digest."))
    done = request.method == "POST"
    if done:
        choose_digest(user=user, how=request.POST.get("how") or "none")
    return show(request, "targets/digest.html", {"how": chosen(user), "done": done, "reader": user, "key": key})


def link_for(user: User) -> str:
    """Where a signed-in user chooses."""
    from django.core import signing

    from hedef.targets.page.digest import SALT

    return f"/targets/digest?key={signing.dumps(user.pk, salt=SALT)}"
