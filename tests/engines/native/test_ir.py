"""The function writer: instructions go as far out as they can, once."""

from glassnet.engines.native.ir import Function, Value, literal, number


def test_invariant_instructions_leave_the_loop():
    w = Function()
    a = Value("%a", "float", 0, 0)
    with w.loop(number(0, "i64"), number(4, "i64")) as i:
        double = w.binary("fadd", a, a)
        again = w.binary("fadd", a, a)
        inside = w.binary("add", i, number(1, "i64"))
    assert double == again
    assert (double.level, inside.level) == (0, 1)
    lines = w.text("f", "float %a").splitlines()
    place = {text: n for n, text in enumerate(lines)}
    head = next(n for text, n in place.items() if text.startswith("head"))
    assert next(n for text, n in place.items() if "fadd" in text) < head


def test_literals_keep_every_bit():
    assert literal(0.1, "float") == "0x3FB99999A0000000"
    assert literal(float("nan"), "double") == "0x7FF8000000000000"
    assert literal(255, "i8") == "-1"
    assert literal(True, "i1") == "true"


def test_a_carried_value_is_handed_on():
    w = Function()
    with w.loop(number(0, "i64"), number(4, "i64")) as i:
        total = w.carry(number(0, "i64"))
        total.next = w.binary("add", total.value, i)
    result = w.after(total)
    text = w.text("f", "", result)
    assert "phi i64 [0, %entry]" in text
    assert text.endswith(f"ret i64 {result.name}\n}}")
