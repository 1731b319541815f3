"""`hedef access user|role|token|reads`."""

from typing import TYPE_CHECKING, Annotated

import typer

from hedef.access.answers import SCHEMA, read_json, token_json, user_json
from hedef.cli_support import Context, Table, command, group
from hedef.kernel.errors import WrongUse

if TYPE_CHECKING:
    from hedef.access.models import User

app = group("Users, roles and tokens.")
user_app, role_app, token_app = group("Users."), group("Roles and their rights."), group("Keys for programs.")
for _name, _inner in (("user", user_app), ("role", role_app), ("token", token_app)):
    app.add_typer(_inner, name=_name)

Username = Annotated[str, typer.Argument(metavar="USER", help="Username or e-mail address.")]


@command(user_app, "list")
def list_all(run: Context) -> None:
    """Shows every user with the roles."""
    from hedef.access.queries import list_users

    run.actor.must("manage_users")
    _answer_users(run, list_users())


def _answer_users(run: Context, users: "list[User]") -> None:
    rows = [
        [one.username, one.name, one.email, ", ".join(one.roles), one.person, "open" if one.is_active else "closed"]
        for one in users
    ]
    run.answer(
        run.framed(SCHEMA, {"users": [user_json(one) for one in users], "dry_run": run.dry_run}),
        Table(["username", "name", "email", "roles", "person", "state"], rows),
    )


@command(user_app, "add", writes=True)
def add(
    run: Context,
    username: Annotated[str, typer.Argument(help="One word, such as defne.")],
    name: Annotated[str, typer.Option("--name", help="As it is written.")] = "",
    role: Annotated[list[str] | None, typer.Option("--role", help="Several times for several roles.")] = None,
    email: Annotated[str | None, typer.Option("--email")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Person record: P-17, e-mail, handle or name.")] = None,
    password: Annotated[
        bool, typer.Option("--password/--no-password", help="Ask for a password; without one it works by token only.")
    ] = True,
) -> None:
    """Makes a user."""
    from hedef.access.services import create_user
    from hedef.definitions.store import rehearsal

    run.actor.must("manage_users")
    with rehearsal(run.dry_run):
        made = create_user(
            username=username,
            name=name,
            roles=role or [],
            email=email,
            person=None if person is None else _person(person),
            password=_ask_password() if password else None,
            now=run.now,
        )
        _answer_users(run, [made])


def _ask_password() -> str:
    """From the terminal without echo, or one line of stdin in a script."""
    import sys

    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        raise WrongUse("No password came on stdin.", hint="Pipe it in, or give --no-password.")
    return line


def _person(text: str) -> int:
    from hedef.records.queries import resolve

    return int(resolve("person", text))


@command(user_app, "password", writes=True)
def password(run: Context, username: Username) -> None:
    """Sets a new password, asked for or read from stdin."""
    from hedef.access.services import set_password
    from hedef.definitions.store import rehearsal

    run.actor.must("manage_users")
    with rehearsal(run.dry_run):
        _answer_users(run, [set_password(username=username, password=_ask_password())])


@command(user_app, "close", writes=True)
def close(run: Context, username: Username) -> None:
    """Shuts a user out; the tokens end too."""
    from hedef.access.services import set_active
    from hedef.definitions.store import rehearsal

    run.actor.must("manage_users")
    with rehearsal(run.dry_run):
        _answer_users(run, [set_active(username=username, active=False)])


@command(user_app, "open", writes=True)
def reopen(run: Context, username: Username) -> None:
    """Lets a closed user in again."""
    from hedef.access.services import set_active
    from hedef.definitions.store import rehearsal

    run.actor.must("manage_users")
    with rehearsal(run.dry_run):
        _answer_users(run, [set_active(username=username, active=True)])


@command(user_app, "person", writes=True)
def tie(
    run: Context,
    username: Username,
    person: Annotated[str | None, typer.Argument(help="P-17, e-mail, handle or name; none unties.")] = None,
) -> None:
    """Says which person record a user stands for: a rep and a manager see by it."""
    from hedef.access.services import set_person
    from hedef.definitions.store import rehearsal

    run.actor.must("manage_users")
    entity = None if person is None else _person(person)
    with rehearsal(run.dry_run):
        _answer_users(run, [set_person(username=username, person=entity)])


@command(role_app, "list")
def roles(run: Context) -> None:
    """Shows every role with its rights."""
    from hedef.access.rights import RIGHTS

    rows = [[role, ", ".join(sorted(rights))] for role, rights in RIGHTS.items()]
    told = {"roles": {role: sorted(rights) for role, rights in RIGHTS.items()}}
    run.answer(run.framed(SCHEMA, told), Table(["role", "rights"], rows))


@command(role_app, "set", writes=True)
def set_all(
    run: Context, username: Username, role: Annotated[list[str], typer.Argument(help="All roles from now on.")]
) -> None:
    """Gives a user these roles and no other."""
    from hedef.access.services import set_roles
    from hedef.definitions.store import rehearsal

    run.actor.must("manage_users")
    with rehearsal(run.dry_run):
        _answer_users(run, [set_roles(username=username, roles=role)])


@command(token_app, "list")
def tokens(run: Context) -> None:
    """Shows the own tokens, or everybody's to who manages users."""
    from hedef.access.queries import list_tokens

    shown = list_tokens(None if run.actor.can("manage_users") else run.actor.user)
    rows = [list(token_json(one).values()) for one in shown]
    run.answer(
        run.framed(SCHEMA, {"tokens": [token_json(one) for one in shown]}),
        Table(["user", "name", "created", "last used", "expires"], rows),
    )


@command(token_app, "make", writes=True)
def make(
    run: Context,
    username: Username,
    name: Annotated[str, typer.Argument(help="Where it is used, such as nightly-import.")],
    days: Annotated[int, typer.Option("--days", help="How long it lives; 0 for ever.")] = 365,
) -> None:
    """Makes a token and shows it this one time."""
    from hedef.access.services import make_token
    from hedef.definitions.store import rehearsal

    _own_or_manager(run, username)
    with rehearsal(run.dry_run):
        token, plain = make_token(username=username, name=name, now=run.now, days=days or None)
        told = {**token_json(token), "token": None if run.dry_run else plain, "dry_run": run.dry_run}
        run.answer(run.framed(SCHEMA, told), Table(["token"], [[told["token"]]]))
    if not run.dry_run:
        run.say("Keep it now: only a digest of it is stored.")


@command(token_app, "revoke", writes=True)
def revoke(run: Context, username: Username, name: Annotated[str, typer.Argument(help="Name of the token.")]) -> None:
    """Ends a token at once."""
    from hedef.access.services import revoke_token
    from hedef.definitions.store import rehearsal

    _own_or_manager(run, username)
    with rehearsal(run.dry_run):
        revoke_token(username=username, name=name)
        told = run.framed(SCHEMA, {"revoked": name, "dry_run": run.dry_run})
        run.answer(told, text=f"The token {name} of {username} {'would be' if run.dry_run else 'is'} revoked.")


def _own_or_manager(run: Context, username: str) -> None:
    from hedef.access.services import get_user

    if run.actor.user is None or run.actor.user != get_user(username):
        run.actor.must("manage_users")


@command(app, "reads")
def reads(
    run: Context,
    user: Annotated[str | None, typer.Option("--user", help="Only of this user.")] = None,
    last: Annotated[int, typer.Option("--last", help="At most this many.", min=1)] = 100,
) -> None:
    """Who took names and other words out of Hedef: what, when, how many rows."""
    from hedef.access.queries import reads as newest

    run.actor.must("read_log")
    told = [read_json(one) for one in newest(last=last, actor=user)]
    names = ["at", "actor", "what", "format", "rows", "way", "scope"]
    run.answer(run.framed(SCHEMA, {"reads": told}), Table(names, [[one[name] for name in names] for one in told]))
