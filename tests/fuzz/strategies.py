"""Lines as hypothesis makes them: messages of the table with values of any kind, and bytes of any kind."""

import json

from hypothesis import strategies as st

from pump import protocol
from tests.vm.wrong_lines import framed

KEYS = st.sampled_from(sorted({field[0] for _, fields in protocol.MESSAGES.values() for field in fields} | {"x", "id"}))
VALUES = st.recursive(st.none() | st.booleans() | st.integers(-(1 << 70), 1 << 70) | st.text(max_size=40)
                      | st.sampled_from(["rig", "program", "operate", "AAEC", "0" * 16, "0" * 32, "0" * 64]),
                      lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
                      max_leaves=6)


@st.composite
def messages(draw):
    """A request's line: its own fields with right or wrong values, perhaps more; CRC and seal right, wrong or none."""
    name = draw(st.sampled_from(sorted(protocol.MESSAGES)))
    fields = {"id": draw(st.integers(-1, 1 << 31)), "do": name}
    for key, kind, low, high in protocol.MESSAGES[name][1]:
        right = st.integers(low, high) if kind == "int" else st.just("0" * low)
        fields[key] = draw(st.one_of(right, VALUES))
    fields |= draw(st.dictionaries(KEYS, VALUES, max_size=1))
    body = json.dumps(fields).encode()
    if draw(st.booleans()):
        body += b" ~" + draw(st.text("0123456789abcdef", min_size=31, max_size=33)).encode()
    return draw(st.sampled_from([body, framed(body).strip(), framed(body).strip()[:-1] + b"0"]))


LINES = st.lists(st.one_of(messages(), messages(), st.binary(max_size=1200)), min_size=1, max_size=20)
