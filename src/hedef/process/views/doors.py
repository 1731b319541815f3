"""Who may change which deals: operations all, a manager those of the own teams, a rep the own ones."""

from dataclasses import dataclass

from hedef.call import Call
from hedef.kernel.errors import Forbidden
from hedef.records.queries import team_tree


@dataclass(frozen=True, slots=True)
class Editor:
    """What a person may change. `people`: whose deals, where not everything."""

    everything: bool = False
    people: frozenset[int] = frozenset()

    @property
    def any(self) -> bool:
        """Whether there is anything this person may change or open."""
        return self.everything or bool(self.people)

    def may_edit(self, owner: int | None) -> bool:
        """Whether a deal of this owner may be changed; one without owner only by who may change all."""
        return self.everything or (owner is not None and owner in self.people)

    def must_edit(self, owner: int | None) -> None:
        """Forbidden, as a sentence, where `may_edit` says no."""
        if not self.may_edit(owner):
            raise Forbidden("You can see this deal, but not change it.", hint="Ask its owner or sales operations.")


def is_live(call: Call) -> bool:
    """Whether the caller looks at now: nobody changes a deal on a page of another day."""
    today = call.calendar.day_of(call.now_us)
    return not call.known_at_text and call.as_of == today and call.as_of_us >= call.now_us


def editor_of(call: Call) -> Editor:
    """What the caller may change today. Roles that read everything do not make a rep the owner of everything."""
    actor, user = call.actor, call.actor.user
    if actor.can("edit_record"):
        return Editor(everything=True)
    if not actor.can("edit_deal") or user is None or user.person is None:
        return Editor()
    people = frozenset({user.person})
    if "manager" in user.roles:
        people |= team_tree(call.calendar.day_of(call.now_us)).led_by(user.person).people
    return Editor(people=people)
