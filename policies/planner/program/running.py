"""Carries out a robot program: its calls become motions, the guard is beneath as ever."""

from policies.planner.body import Body
from policies.planner.motion import Script
from policies.planner.program.code_check import ProgramError
from policies.planner.program.robot_api import CALLS, RobotApi
from policies.planner.program.sandbox import Sandbox, SandboxLimits
from robotics.errors import IncompatibleError, RoboticsError

_MOST_CALLS = 500


def run_program(body: Body, instruction: str, code: str, limits: SandboxLimits | None = None) -> Script[None]:
    """Run `code` in a sandbox until it ends; it finds the instruction in the variable `instruction`.

    Raises:
        ProgramError: It is not allowed (nothing has moved then), failed, or took too much.
    """
    api = RobotApi(body)
    sandbox = Sandbox(code, CALLS, limits, instruction)
    try:
        for _ in range(_MOST_CALLS):
            call = sandbox.next_call()
            for line in "".join(sandbox.printed).splitlines():
                body.say(f"program: {line}")
            sandbox.printed.clear()
            if call is None:
                return
            try:
                result = yield from api.call(call.name, call.arguments, call.named)
            except IncompatibleError:
                raise
            except RoboticsError as error:
                sandbox.refuse(str(error))
            else:
                sandbox.answer(result)
        raise ProgramError(f"the program made more than {_MOST_CALLS} calls and was ended")
    finally:
        sandbox.close()
