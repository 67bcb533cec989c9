"""The audit log is append-only lines of JSON; no disk ever fails or delays what it notes."""

import json
import logging
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from robotics.bridge.audit import AuditError, AuditLog, default_audit_file


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_lines_are_appended_whole_in_order_and_for_this_user_only(tmp_path: Path):
    path = tmp_path / "deep" / "audit.jsonl"
    for start in (0, 3):
        log = AuditLog(path)
        for number in range(start, start + 3):
            log.note("counted", urgent=number == 1, number=number, nothing="")
        log.close()
    assert [line["number"] for line in lines(path)] == list(range(6))
    assert "nothing" not in lines(path)[0] and lines(path)[0]["time"].endswith("+00:00")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_a_client_calls_itself_cannot_break_a_line(tmp_path: Path):
    log = AuditLog(tmp_path / "audit.jsonl")
    wild = 'x\n{"event": "stop"}\r\x1b[2J\u2028\udc80"' + "y" * 10_000
    log.note("connected", client=wild)
    log.close()
    content = (tmp_path / "audit.jsonl").read_bytes()
    assert content.count(b"\n") == 1 and content.isascii() and b"\x1b" not in content
    assert len(content) < 2000
    assert json.loads(content)["client"] == wild[:200]


def test_it_is_bounded_and_the_newest_lines_are_never_lost(tmp_path: Path):
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path, most_bytes=1000, most_files=3)
    for number in range(200):
        log.note("counted", number=number)
    log.close()
    files = [path.with_name("audit.jsonl.2"), path.with_name("audit.jsonl.1"), path]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    assert all(file.stat().st_size <= 1000 for file in files)
    kept = [line["number"] for file in files for line in lines(file)]
    assert kept == list(range(kept[0], 200)) and len(kept) > 20


def test_a_file_that_was_set_aside_by_another_program_is_opened_anew(tmp_path: Path):
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path)
    log.note("before")
    while not path.read_bytes():
        pass
    path.rename(tmp_path / "old.jsonl")
    log.note("after")
    log.close()
    assert [line["event"] for line in lines(path)] == ["after"]


def test_a_full_disk_is_counted_and_said_once(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        log = AuditLog(Path("/dev/full"))
        for _ in range(5):
            log.note("stop", urgent=True)
        log.close()
    assert log.missing == 5
    (said,) = caplog.records
    assert "No space left" in said.getMessage() and "the robot goes on" in said.getMessage()


def test_once_the_disk_has_room_again_the_gap_is_told_and_no_line_is_torn(tmp_path: Path):
    """A limit on the size of files stands for the disk: it, too, lets part of a line through."""
    code = """
import resource, signal, sys, time
from pathlib import Path
from robotics.bridge.audit import AuditLog
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = AuditLog(Path(sys.argv[1]))
def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
limit(500)
for number in range(20):
    log.note("counted", number=number)
while log._lines.qsize(): time.sleep(0.01)
time.sleep(0.1)
limit(resource.RLIM_INFINITY)
log.note("counted", number=20)
log.close()
print(log.missing)
"""
    path = tmp_path / "audit.jsonl"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    missing = int(done.stdout)
    assert 0 < missing < 20
    whole, torn = [], []
    for line in path.read_text().splitlines():
        try:
            whole.append(json.loads(line))
        except ValueError:
            torn.append(line)
    assert len(torn) <= 1
    assert [entry.get("number") for entry in whole[: 20 - missing]] == list(range(20 - missing))
    assert whole[-2]["event"] == "lines missing" and whole[-2]["count"] == missing
    assert whole[-1]["number"] == 20
    assert done.stderr.count("misses lines") == 1


def test_a_disk_that_hangs_delays_nobody(tmp_path: Path):
    """A pipe whose reader sleeps is a disk that does not answer."""
    pipe = tmp_path / "audit.jsonl"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    log = AuditLog(pipe)
    for number in range(30_000):
        log.note("counted", number=number)
    assert log.missing > 0

    def drain() -> None:
        os.set_blocking(reader, True)
        while os.read(reader, 1 << 16):
            pass

    draining = threading.Thread(target=drain)
    draining.start()
    log.close()
    draining.join()
    os.close(reader)


def test_a_log_that_cannot_be_opened_is_said_at_once(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditError, match="cannot write the audit log"):
        AuditLog(tmp_path / "file" / "audit.jsonl")


def test_the_default_lies_in_the_users_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_audit_file("robot", 50051) == tmp_path / "robotics" / "audit-robot-50051.jsonl"
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_audit_file("robot", 1).is_relative_to(tmp_path / ".local" / "state")
