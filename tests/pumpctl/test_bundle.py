"""Several modules become one that does the same: names that meet, constants, what stays apart, what is refused.

That the whole firmware does the same as one module is shown on MicroPython: tests/vm/test_scenes.py.
"""

import sys
import types

import pytest

from pumpctl.bundle import bundled
from pumpctl.bundle_rewriter import BundleError


def run(sources, apart="main"):
    """The namespace of `apart` after the bundle and all that stays apart were run from their texts."""
    made = bundled({"a": "", "b": "", **sources}, ["a", "b"])
    before = dict(sys.modules)
    try:
        for name in ("firmware", *sorted(set(made) - {"firmware", apart}), apart):
            sys.modules[name] = types.ModuleType(name)
            exec(compile(made[name], name, "exec"), sys.modules[name].__dict__)
        return vars(sys.modules[apart]), made
    finally:
        for name in made:
            del sys.modules[name]
        sys.modules.update(before)


def test_names_that_two_modules_have_do_not_meet():
    found, made = run({
        "a": "_x = [1]\ndef take():\n    return _x\nclass Thing:\n    def _get(self):\n        return take()\n"
             "    def both(self):\n        return self._get()\n",
        "b": "from a import take as other\n_x = [2]\ndef take():\n    return other() + _x\n",
        "main": "import a\nfrom b import take\nfound = take() + a.take() + a.Thing().both()\n"})
    assert found["found"] == [1, 2, 1, 1]
    assert "_get" not in made["firmware"] and "Thing" in made["firmware"]


def test_a_local_name_hides_a_name_of_another_module():
    found, _ = run({
        "a": "def number():\n    return 7\n",
        "b": "from a import number as seven\ndef take(number):\n    total = [seven for seven in (1, 2)]\n"
             "    return seven() + number + sum(total) + (lambda seven: seven)(100)\n",
        "main": "from b import take\nfound = take(10)\n"})
    assert found["found"] == 7 + 10 + 3 + 100


def test_a_name_that_micropython_has_is_given_to_no_module():
    found, _ = run({"a": "def min(values):\n    return 'mine'\n", "b": "def least(values):\n    return min(values)\n",
                    "main": "from a import min as mine\nfrom b import least\nfound = mine([1]), least([3, 2])\n"})
    assert found["found"] == ("mine", 2)


def test_constants_stand_where_their_names_stood():
    found, made = run({
        "a": "SIZE = 1 << 4\n_HALF = SIZE // 2\nNAMES = ('x', 'y')\nBOTH = (NAMES, -SIZE)\nOPEN = {'k': SIZE}\n",
        "b": "import a\nfrom a import SIZE as ROOM\nfrom micropython import const\n_LEAST = const(ROOM - 1)\n"
             "def take():\n    return _LEAST, a.BOTH, a.OPEN\n",
        "main": "from b import take\nfound = take()\n"})
    assert found["found"] == (15, (("x", "y"), -16), {"k": 16})
    assert "return (15, (('x', 'y'), -16), OPEN)" in made["firmware"]
    assert "SIZE" not in made["firmware"] and "micropython" not in made["firmware"]


def test_what_is_assigned_twice_is_no_constant():
    found, _ = run({"a": "seen = 0\ndef see():\n    global seen\n    seen = seen + 1\n    return seen\n",
                    "main": "from a import see\nfound = see() + see()\n"})
    assert found["found"] == 1 + 2


def test_what_nothing_uses_is_left_out():
    _, made = run({"a": "import json\ndef used():\n    return 1\ndef alone():\n    return helper()\n"
                        "def helper():\n    return json\n", "main": "from a import used\n"})
    assert "alone" not in made["firmware"] and "helper" not in made["firmware"] and "json" not in made["firmware"]


def test_what_a_function_imports_stays_apart_and_takes_from_the_one_module():
    found, made = run({
        "a": "_LOW = 3\ndef _own():\n    return 1\ndef clash(clash):\n    return clash\n"
             "def take():\n    from late import part\n    return part() + _own()\n",
        "late": "from a import clash\nimport a\n_own = [_low for _low in (4, 5)]\n"
                "def part():\n    return clash(_own[1])\n",
        "main": "from a import take\nfound = take\n"})
    assert set(made) == {"firmware", "main", "late"}
    assert "from late import part" in made["firmware"]
    sys.modules["late"] = late = types.ModuleType("late")
    sys.modules["firmware"] = firmware = types.ModuleType("firmware")
    try:
        exec(made["firmware"], vars(firmware))
        exec(made["late"], vars(late))
        exec(made["main"], found)
        assert found["found"]() == 5 + 1
    finally:
        del sys.modules["late"], sys.modules["firmware"]


def test_two_values_for_two_names_make_no_tuple():
    _, made = run({"a": "def f(x):\n    a, b = x.c, 1\n    return a, b\n", "main": "from a import f\nf\n"})
    assert "a, b = x.c, 1\n" in made["firmware"]


@pytest.mark.parametrize("source, named", [
    ("from b import missing_module\nimport b\nx = [b]\n", "the module b as a value"),
    ("import b\ndef f():\n    return b.nothing\n", "no nothing in b"),
    ("def f():\n    return __name__\n", "__name__"),
    ("def f():\n    return globals()\n", "globals"),
    ("def f():\n    class A:\n        pass\n", "a class inside"),
    ("import b\ndef f():\n    import b as again\n", "an import in a function"),
])
def test_what_cannot_be_put_together_is_refused_with_its_place(source, named):
    with pytest.raises(BundleError) as refused:
        bundled({"a": source, "b": "", "main": ""}, ["a"])
    assert named in refused.value.message and refused.value.message.startswith("a")
