from hedef.kernel.trace import Step, Trace


def test_a_trace_tells_its_definition_steps_and_rows():
    trace = Trace("won_value@1", rows=("D-1", "D-2")).then("sum of won deals", "30.00", currency="USD")
    assert trace == Trace("won_value@1", (Step("sum of won deals", "30.00", {"currency": "USD"}),), ("D-1", "D-2"))
    assert trace.as_json() == {
        "definition": "won_value@1",
        "steps": [{"label": "sum of won deals", "value": "30.00", "detail": {"currency": "USD"}}],
        "rows": ["D-1", "D-2"],
    }
