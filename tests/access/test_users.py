"""Users and roles: who may do what, and what the doors say when they stay closed."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory

from hedef.access.models import User
from hedef.access.queries import LOCAL, actor_of, approvers, can, resolve_actor, scope_of
from hedef.access.rights import ALL_RIGHTS, RIGHTS, ROLES, rights_of
from hedef.access.services import create_user, set_active, set_person, set_roles
from hedef.kernel.errors import Forbidden, NotFound, Refused, WrongUse
from hedef.kernel.scope import EVERYTHING, Scope

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
DAY = NOW.date()


@pytest.fixture
def users(db):
    def make(username, *roles, **more):
        return create_user(username=username, name=username.title(), roles=roles, now=NOW, **more)

    return make


def test_every_role_has_its_rights_and_no_right_stands_alone():
    assert set(RIGHTS) == set(ROLES)
    assert rights_of(ROLES) == ALL_RIGHTS
    assert rights_of([]) == rights_of(["nobody"]) == frozenset()


def test_only_finance_reads_pay_and_only_admin_manages_users():
    assert [role for role in ROLES if "read_pay" in RIGHTS[role]] == ["finance"]
    assert [role for role in ROLES if "manage_users" in RIGHTS[role]] == ["admin"]
    assert [role for role in ROLES if "import" in RIGHTS[role]] == ["operations"]


def test_a_user_signs_in_by_username_and_by_email_in_any_case(users):
    users("defne", "operations", email="Defne.Karaca@Poyraz.example", password="bosporus-wind")
    request = RequestFactory().post("/sign-in/")
    for name in ("defne", "DEFNE", "defne.karaca@poyraz.example", "Defne.Karaca@POYRAZ.example"):
        assert authenticate(request, username=name, password="bosporus-wind") == User.objects.get()
    assert authenticate(request, username="defne", password="bosporus wind") is None


def test_a_user_without_password_cannot_sign_in_with_an_empty_one(users):
    users("robot", "operations")
    assert authenticate(RequestFactory().post("/"), username="robot", password="") is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"username": "two words"}, '"two words" cannot be a username.'),
        ({"username": "local"}, '"local" cannot be a username.'),
        ({"username": "a@b.example"}, '"a@b.example" is an e-mail address, not a username.'),
        ({"roles": ["king"]}, 'There is no role "king".'),
        ({"password": "short"}, "This password is too short. It must contain at least 8 characters."),
        ({"username": "DEFNE"}, 'There is already a user "defne".'),
        ({"email": "d@poyraz.example"}, 'The e-mail address "d@poyraz.example" belongs to another user.'),
    ],
)
def test_a_wrong_user_is_refused_with_a_sentence(users, wrong, sentence):
    users("defne", "operations", email="d@poyraz.example")
    with pytest.raises(WrongUse) as fault:
        create_user(**{"username": "ayca", "name": "Ayça", "roles": ["rep"], "now": NOW} | wrong)
    assert fault.value.message == sentence
    assert User.objects.count() == 1


def test_roles_are_kept_in_one_order_whatever_order_they_were_given_in(users):
    assert users("deniz", "rep", "manager").roles == ["manager", "rep"]
    assert set_roles(username="deniz", roles=["finance", "operations"]).roles == ["operations", "finance"]


def test_the_last_admin_keeps_the_role_until_there_is_another(users):
    users("root", "admin")
    with pytest.raises(Refused):
        set_roles(username="root", roles=["rep"])
    with pytest.raises(Refused):
        set_active(username="root", active=False)
    users("second", "admin")
    assert set_roles(username="root", roles=["rep"]).roles == ["rep"]


def test_without_as_the_owner_of_the_folder_acts_with_every_right(users):
    assert resolve_actor(None) is LOCAL
    assert (LOCAL.name, LOCAL.scope(DAY), LOCAL.rights) == ("local", EVERYTHING, ALL_RIGHTS)


def test_as_takes_a_known_open_user_and_nobody_else(users):
    users("defne", "operations")
    assert resolve_actor("Defne").name == "defne"
    with pytest.raises(NotFound):
        resolve_actor("stranger")
    set_active(username="defne", active=False)
    with pytest.raises(Forbidden):
        resolve_actor("defne")


def test_a_missing_right_is_named_in_the_refusal(users):
    deniz = actor_of(users("deniz", "rep"))
    deniz.must("edit_deal")
    with pytest.raises(Forbidden, match=r"deniz.*may not do this: import files"):
        deniz.must("import")
    with pytest.raises(ValueError, match="no right fly"):
        deniz.can("fly")


def test_operations_finance_enablement_and_admin_see_everything_but_only_finance_reads_pay(users):
    seen = {role: scope_of(users(role, role), DAY) for role in ("operations", "finance", "enablement", "admin")}
    assert seen == {
        "operations": Scope(everything=True, company_total=True),
        "finance": Scope(everything=True, company_total=True, may_read_pay=True),
        "enablement": Scope(everything=True, company_total=True),
        "admin": Scope(everything=True, company_total=True),
    }


def test_a_rep_or_manager_without_a_person_and_a_closed_user_see_nothing(users):
    assert scope_of(users("deniz", "rep"), DAY) == Scope()
    assert scope_of(users("ayca", "manager"), DAY) == Scope()
    users("defne", "operations")
    closed = set_active(username="defne", active=False)
    assert scope_of(closed, DAY) == Scope()
    assert not can(closed, "import")


def test_approvers_are_the_open_users_whose_role_approves(users):
    users("ayca", "manager")
    users("defne", "operations")
    users("deniz", "rep")
    users("jonas", "finance")
    set_active(username="ayca", active=False)
    assert approvers() == ["defne", "jonas"]
    assert approvers("approve_money") == ["jonas"]


def test_a_user_can_be_tied_to_a_person_and_untied(users):
    users("deniz", "rep")
    assert set_person(username="deniz", person=17).person == 17
    assert set_person(username="deniz", person=None).person is None
