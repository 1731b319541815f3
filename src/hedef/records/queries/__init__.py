"""Reads of the records for faces and higher rooms."""

from hedef.records.queries.duplicates import SUSPECTED, Suspect, duplicates
from hedef.records.queries.keys import (
    aliases,
    every_alias,
    every_key,
    has_keys,
    key_pages,
    key_table,
    keyed,
    keys_of,
    owner_keys,
)
from hedef.records.queries.merged import Merge, losers, merges, survivor, survivors
from hedef.records.queries.named import living_named, size_of
from hedef.records.queries.people import find, manager_of, members_on, names, people_by_key, resolve, team_tree
from hedef.records.queries.state import (
    columns_of,
    in_scope,
    kind_of,
    last_change,
    last_changes,
    never_lived,
    rows,
    seen,
    state,
    sums,
)

__all__ = [
    "SUSPECTED",
    "Merge",
    "Suspect",
    "aliases",
    "columns_of",
    "duplicates",
    "every_alias",
    "every_key",
    "find",
    "has_keys",
    "in_scope",
    "key_pages",
    "key_table",
    "keyed",
    "keys_of",
    "kind_of",
    "last_change",
    "last_changes",
    "living_named",
    "losers",
    "manager_of",
    "members_on",
    "merges",
    "names",
    "never_lived",
    "owner_keys",
    "people_by_key",
    "resolve",
    "rows",
    "seen",
    "size_of",
    "state",
    "sums",
    "survivor",
    "survivors",
    "team_tree",
]
