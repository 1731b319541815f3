"""Weights of a split: by hand, and by the potential of what people hold (T2)."""

from datetime import date

import pyarrow as pa
import pytest

from hedef.kernel.errors import WrongUse
from hedef.targets.services import PlanOptions, SplitOrder, split_plan

JUNE = date(2017, 6, 30)


@pytest.fixture
def two(company):
    company.team("North")
    company.person("Ada", ("North", None, None))
    company.person("Bo", ("North", None, None))
    return company


def split(**more):
    order = SplitOrder("sales", "2017-Q3", total="300.00", options=PlanOptions(metric="won_value"), **more)
    done = split_plan(order, actor="local", as_of=JUNE)
    return {line.scope: line.value for line in done.lines}


def test_weights_by_hand_are_kept_in_the_document(two):
    ada, bo = (f"person:P-{two.people[name]}" for name in ("Ada", "Bo"))
    values = split(weights="manual", manual={f"team:T-{two.teams['North']}": "1", ada: "2", bo: "1"})
    assert (values[ada], values[bo]) == (20_000, 10_000)
    assert split(weights="manual")[ada] == 20_000  # as the plan says


def test_a_weight_for_somebody_outside_the_split_is_refused(two):
    with pytest.raises(WrongUse, match="no part of this split"):
        split(weights="manual", manual={"person:P-999999": "1"})


def test_potential_weighs_by_the_revenue_of_the_accounts_held(two):
    first = two.add("account", {"name": pa.array(["A", "B"]), "revenue_minor": pa.array([900, 100], pa.int64())})
    people = [two.people["Ada"], two.people["Bo"], two.people["Bo"]]
    two.add(
        "territory_hold",
        {
            "person": pa.array(people, pa.int64()),
            "account": pa.array([first[0], first[1], first[0]], pa.int64()),
            "share_bp": pa.array([5_000, 10_000, 5_000], pa.int64()),
        },
    )
    values = split(weights="potential")
    assert [values[f"person:P-{one}"] for one in people[:2]] == [13_500, 16_500]  # 450 to 550
