"""What a robot program may say: a whitelist, tried with what people have used to break out of sandboxes."""

import pytest

from policies.planner.program.code_check import LONGEST_CODE, ProgramError, check_code

ALLOWED = """
def nearest(things, x):
    return min(things, key=lambda thing: abs(thing["position"][0] - x))

cubes = [cube for cube in detect_objects(["red cube"]) if cube["size"][0] < 0.05]
for i, cube in enumerate(sorted(cubes, key=lambda c: c["position"])):
    try:
        move_gripper_to([*cube["position"][:2], 0.1 + math.sin(i)], gripper="left")
    except RobotError as error:
        print(f"{error!r:>10} {i:.2f}")
while cubes:
    cubes.pop()
else:
    total, *others = [1, 2, 3]
    total += others[0] if others else 0
"""


def test_ordinary_code_is_allowed():
    check_code(ALLOWED)


@pytest.mark.parametrize(
    "code",
    [
        "import os",
        "from os import system",
        "__import__('os')",
        "open('/etc/passwd')",
        "eval('1')",
        "exec('1')",
        "compile('1', '', 'eval')",
        "getattr(1, 'real')",
        "globals()",
        "vars()",
        "type(1)",
        "object",
        "breakpoint()",
        "input()",
        "memoryview(b'')",
        "().__class__.__bases__[0].__subclasses__()",
        "(1).real",
        "'{0.__class__}'.format(1)",
        "'{}'.format_map({})",
        "(i for i in [1]).gi_frame.f_back.f_globals",
        "(lambda: 0).func_globals",
        "def f():\n    yield 1",
        "class A:\n    pass",
        "with detect_objects('x') as y:\n    pass",
        "async def f():\n    await g()",
        "@staticmethod\ndef f():\n    pass",
        "match 1:\n    case 1:\n        pass",
        "__builtins__['open']",
        "_hidden = 1",
        "def __init__():\n    pass",
        "f(__class__=1)",
        "try:\n    pass\nexcept BaseException:\n    pass",
        "global __builtins__",
        "f'{print.__self__}'",
        "[x.mro for x in [1]]",
    ],
)
def test_ways_out_are_refused_with_their_line(code: str):
    with pytest.raises(ProgramError, match=r"line \d+: .* not allowed") as caught:
        check_code(code)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("code", ["def f(:", "x = ", "\x00", "(" * 5000, "x" * (LONGEST_CODE + 1)])
def test_what_is_no_program_is_refused_in_one_line(code: str):
    with pytest.raises(ProgramError) as caught:
        check_code(code)
    assert "\n" not in str(caught.value)
