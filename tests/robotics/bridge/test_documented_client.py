"""The client of docs/bridge.md moves a robot as it stands."""

import re
from pathlib import Path

from contracts.fake_robot import FakeRobot

from robotics.bridge.local_session import LocalSession
from robotics.bridge.server import LockstepServer

PAGE = Path(__file__).parents[3] / "docs" / "bridge.md"


def test_the_client_of_the_page_works(capsys):
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    server = LockstepServer(lambda: LocalSession(FakeRobot()))
    exec(compile(code.replace("127.0.0.1:50051", server.address), str(PAGE), "exec"), {})
    server.close()
    assert capsys.readouterr().out == "STATUS_CODE_OK 0\n"
