"""The fold by hand: data.md section 11, cases of the ledger."""

from hedef.ledger.engine import BatchLine, Change, alive, fold


def set_(seal, ord_, effective, **fields):
    return Change(seal, ord_, 7, "deal", "set", effective, fields)


def act(seal, ord_, effective, name, **fields):
    return Change(seal, ord_, 7, "deal", name, effective, fields)


def void(seal, ord_, of):
    return Change(seal, ord_, 7, "deal", "void", 0, void_of=of)


def fields(changes, **at):
    state = fold(changes, **at)
    return None if state is None else dict(state.fields)


def test_setting_null_differs_from_leaving_a_field_out():
    changes = [set_(1, 0, 10, amount=5, owner=1), set_(2, 0, 20, amount=None)]
    assert fields(changes) == {"amount": None, "owner": 1}
    assert fields(changes, known_no=1) == {"amount": 5, "owner": 1}


def test_of_two_changes_at_one_instant_the_later_recorded_wins():
    assert fields([set_(2, 0, 10, amount=2), set_(1, 5, 10, amount=1)]) == {"amount": 2}
    assert fields([set_(1, 1, 10, amount=2), set_(1, 0, 10, amount=1)]) == {"amount": 2}


def test_a_late_change_before_the_creation_moves_the_beginning_and_loses_to_later_ones():
    changes = [set_(1, 0, 10, amount=1), set_(2, 0, 5, amount=9, stage="a")]
    state = fold(changes)
    assert (state.created_us, state.last_effective_us, dict(state.fields)) == (5, 10, {"amount": 1, "stage": "a"})
    assert fields(changes, effective_us=7) == {"amount": 9, "stage": "a"}
    assert fields(changes, effective_us=7, known_no=1) is None


def test_a_change_after_the_end_changes_fields_and_leaves_it_ended_until_it_is_revived():
    changes = [set_(1, 0, 10, amount=1), act(2, 0, 20, "end"), set_(3, 0, 30, amount=2), act(4, 0, 40, "revive")]
    ended = fold(changes, effective_us=30)
    assert (ended.ended_us, dict(ended.fields)) == (20, {"amount": 2})
    assert fold(changes).ended_us is None
    assert fold(changes, effective_us=15).ended_us is None


def test_a_merge_ends_the_loser_and_names_the_survivor():
    changes = [set_(1, 0, 10, amount=1), Change(2, 0, 7, "deal", "merge", 20, into=9)]
    state = fold(changes)
    assert (state.ended_us, state.merged_into) == (20, 9)


def test_a_voided_row_counts_until_the_void_is_known():
    changes = [set_(1, 0, 10, amount=1), set_(1, 1, 20, amount=2), void(2, 0, (1, 1))]
    assert fields(changes) == {"amount": 1}
    assert fields(changes, known_no=1) == {"amount": 2}


def test_a_void_in_the_same_batch_takes_the_row_back_at_once():
    assert fields([set_(1, 0, 10, amount=1), void(1, 1, (1, 0)), set_(1, 2, 12, amount=3)]) == {"amount": 3}
    assert fields([set_(1, 0, 10, amount=1), void(1, 1, (1, 0))]) is None


def test_a_void_that_is_voided_itself_takes_nothing_back():
    assert fields([set_(1, 0, 10, amount=1), void(2, 0, (1, 0)), void(3, 0, (2, 0))]) == {"amount": 1}


def test_the_void_of_an_undone_batch_takes_nothing_back():
    changes = [set_(1, 0, 10, amount=1), void(2, 0, (1, 0))]
    living = alive([BatchLine(1), BatchLine(2), BatchLine(3, undoes=2)])
    assert fields(changes, living=living) == {"amount": 1}


def test_an_undo_can_be_undone_and_so_on():
    batches = [BatchLine(1), BatchLine(2), BatchLine(3, 2), BatchLine(4, 3), BatchLine(5, 4)]
    assert alive(batches, 2) == {1, 2}
    assert alive(batches, 3) == {1, 3}
    assert alive(batches, 4) == {1, 2, 4}
    assert alive(batches, 5) == {1, 3, 5}
    assert alive(batches) == alive(reversed(batches))
