"""Higher rooms bring kinds of their own."""

import pytest

from hedef.records.engine.kinds import KINDS, Field, Kind
from hedef.records.services import register_kind


def test_a_kind_may_be_registered_twice_but_not_with_other_fields():
    register_kind(KINDS["deal"])
    with pytest.raises(ValueError, match="other fields"):
        register_kind(Kind("deal", (Field("name", "text"),)))
    assert len(KINDS["deal"].fields) > 1
