"""Programs that eat time, memory and messages are ended; what they say arrives; nothing is left running."""

import pytest

from policies.planner.program.code_check import ProgramError
from policies.planner.program.sandbox import Sandbox, SandboxLimits

HASTY = SandboxLimits(memory_bytes=128 << 20, cpu_s=1, silence_s=600.0)


def run(code: str, limits: SandboxLimits | None = None, answer=lambda call: None):
    """Every call of a program, and what it printed."""
    sandbox = Sandbox(code, ("go", "look"), limits, instruction="tidy up")
    calls = []
    try:
        while (call := sandbox.next_call()) is not None:
            calls.append(call)
            answered = answer(call)
            if isinstance(answered, Exception):
                sandbox.refuse(str(answered))
            else:
                sandbox.answer(answered)
    finally:
        sandbox.close()
        assert sandbox._process.poll() is not None
    return calls, "".join(sandbox.printed)


def test_calls_and_answers_go_to_and_fro():
    code = "a = look('cube')\ngo([a['x'], 1.5], speed=2)\nprint(a, instruction, math.floor(2.7))"
    calls, printed = run(code, answer=lambda call: {"x": 3} if call.name == "look" else None)
    assert [(c.name, c.arguments, dict(c.named)) for c in calls] == [
        ("look", ("cube",), {}),
        ("go", ([3, 1.5],), {"speed": 2}),
    ]
    assert printed == "{'x': 3} tidy up 2\n"


def test_a_refused_call_can_be_caught_by_the_program():
    code = "try:\n    go(1)\nexcept RobotError as error:\n    print('no:', error)"
    assert run(code, answer=lambda call: ValueError("out of reach"))[1] == "no: out of reach\n"


def test_a_refused_call_that_is_not_caught_ends_the_program_with_its_line():
    with pytest.raises(ProgramError, match=r"line 2: RobotError: out of reach"):
        run("x = 1\ngo(x)", answer=lambda call: ValueError("out of reach"))


@pytest.mark.parametrize(
    "code, why",
    [
        ("while True:\n    pass", "ended"),
        ("while True:\n    try:\n        1 / 0\n    except Exception:\n        pass", "ended"),
        ("9 ** 9 ** 9", "ended"),
        ("x = 'a' * 10 ** 10", "MemoryError"),
        ("x = [0]\nwhile True:\n    x.extend(x)", "MemoryError|ended"),
        ("def f():\n    return f()\nf()", "RecursionError"),
        ("go('x' * 10 ** 6)", "KiB"),
        ("go({1: {2, 3}})", "TypeError"),
        ("1 / 0", "line 1: ZeroDivisionError"),
        ("undefined()", "NameError"),
    ],
)
def test_hostile_and_broken_programs_end_in_one_line(code: str, why: str):
    with pytest.raises(ProgramError, match=why) as caught:
        run(code, HASTY)
    assert "\n" not in str(caught.value)


def test_a_program_cannot_drown_its_reader_in_print():
    printed = run("for i in range(2000):\n    print('x' * 1000)")[1]
    assert len(printed) == 10_000


def test_a_program_that_is_silent_for_too_long_is_ended():
    limits = SandboxLimits(cpu_s=100, silence_s=0.2)
    with pytest.raises(ProgramError, match=r"called nothing for 0.2 s"):
        run("while True:\n    pass", limits)


def test_it_has_no_file_to_open_and_no_environment():
    # what only a hole in the check would let through: the limits of the process are beneath it
    from policies.planner.program import sandbox as module

    honest = module.check_code
    module.check_code = lambda code: None
    try:
        with pytest.raises(ProgramError, match="NameError"):
            run("open('/etc/passwd')", HASTY)
        classes = (
            "[f for i in ().__class__.__base__.__subclasses__() if i.__name__ == '_IOBase' "
            "for r in i.__subclasses__() for f in r.__subclasses__() if f.__name__ == 'FileIO']"
        )
        with pytest.raises(ProgramError, match="OSError"):
            run(f"{classes}[0]('/etc/passwd')", HASTY)
    finally:
        module.check_code = honest
