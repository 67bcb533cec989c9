"""`robotics keys`, and the options by which servers and clients use what it makes."""

import socket
from pathlib import Path

import pytest

from robotics.bridge.address import AddressError
from robotics.bridge.security.key_folder import KeysError, load_credentials
from robotics.bridge.security.protection import Limits
from robotics.cli import connect
from robotics.cli.main import EXIT_ERROR, EXIT_OK, main
from robotics.cli.protection import make_protection


def test_keys_are_made_shown_and_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = str(tmp_path / "keys")
    make = ["keys", "make", "--out", folder, "--host", "robot1.lab", "--host", "10.0.0.7", "--client", "anna"]
    assert main(make) == EXIT_OK
    token = load_credentials(tmp_path / "keys").token
    made = capsys.readouterr().out
    assert main(["keys", "show", "--keys", folder]) == EXIT_OK
    shown = capsys.readouterr().out
    assert f"127.0.0.1, ::1, {socket.gethostname()}, robot1.lab, 10.0.0.7, until 20" in shown
    assert "'anna', until 20" in shown and token not in shown + made
    assert main(make) == EXIT_ERROR
    error = capsys.readouterr().err
    assert "--force" in error and error.count("\n") == 1
    assert main([*make, "--force"]) == EXIT_OK


def test_the_help_says_that_it_is_a_test_authority(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["keys", "make", "--help"])
    assert "It is a test authority" in capsys.readouterr().out


@pytest.mark.parametrize("server", ["robot", "policy"])
def test_other_machines_are_refused_in_one_line_before_anything_starts(
    server: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["serve", server, "--listen", "0.0.0.0:0"]) == EXIT_ERROR
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "robotics keys make" in error and "127.0.0.1:0" in error


def test_a_server_for_other_machines_keeps_an_audit_log_and_one_on_loopback_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    keys = tmp_path / "keys"
    main(["keys", "make", "--out", str(keys)])
    limits = Limits()
    assert make_protection("robot", "127.0.0.1:0", keys, "token", None, limits).audit is None
    chosen = make_protection("robot", "0.0.0.0:0", keys, "token", None, limits).audit
    assert chosen == tmp_path / "robotics" / "audit-robot-0.jsonl"
    with pytest.raises(AddressError):
        make_protection("robot", "0.0.0.0:0", None, "token", None, limits)


def test_a_clients_keys_come_from_the_option_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    main(["keys", "make", "--out", str(tmp_path / "keys")])
    monkeypatch.delenv(connect.KEYS_VARIABLE, raising=False)
    assert connect.credentials_for("robot1.lab:50051") is None
    monkeypatch.setenv(connect.KEYS_VARIABLE, str(tmp_path / "elsewhere"))
    with pytest.raises(KeysError, match="elsewhere"):
        connect.credentials_for("robot1.lab:50051")
    connect.use_keys(None)
    with pytest.raises(KeysError, match="elsewhere"):
        connect.credentials_for("robot1.lab:50051")
    connect.use_keys(tmp_path / "keys")
    assert connect.credentials_for("robot1.lab:50051") == load_credentials(tmp_path / "keys")


def test_keys_for_a_robot_elsewhere_do_not_bar_an_open_policy_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    main(["keys", "make", "--out", str(tmp_path / "keys")])
    monkeypatch.setenv(connect.KEYS_VARIABLE, str(tmp_path / "keys"))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        assert connect.credentials_for(f"127.0.0.1:{silent.getsockname()[1]}") is None
