"""Keys are made whole, private and only where nothing is lost; both sides read what was made."""

import stat
from pathlib import Path

import pytest

from robotics.bridge.security.authority import make_keys
from robotics.bridge.security.certificates import read_certificate
from robotics.bridge.security.key_folder import (
    KeysError,
    client_names,
    load_credentials,
    load_server_keys,
)


def test_nobody_else_can_read_what_is_made(keys: Path):
    for path in keys.rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700


def test_the_server_knows_each_client_by_its_token_but_keeps_no_token(keys: Path):
    server = load_server_keys(keys)
    assert client_names(keys) == ["anna", "bert"]
    for name in ("anna", "bert"):
        token = load_credentials(keys / name).token
        assert server.client_of(token) == name
        for path in (keys / "server").iterdir():
            assert token.encode() not in path.read_bytes()
    assert server.client_of("") == server.client_of("wrong") == server.client_of("\udc80") == ""


def test_the_parts_are_enough_for_their_owners(keys: Path):
    assert load_server_keys(keys / "server") == load_server_keys(keys)
    assert load_credentials(keys / "anna").certificate


def test_hosts_are_in_the_servers_certificate_and_loopback_too(tmp_path: Path):
    make_keys(tmp_path / "keys", hosts=("robot1.lab", "192.168.1.20", "[fe80::1]"))
    facts = read_certificate(tmp_path / "keys" / "server" / "server.crt")
    wanted = {"localhost", "127.0.0.1", "::1", "robot1.lab", "192.168.1.20", "fe80::1"}
    assert set(facts.hosts) == wanted and not facts.expired


def test_a_folder_of_keys_is_replaced_only_by_force(tmp_path: Path):
    folder = tmp_path / "keys"
    make_keys(folder)
    before = load_credentials(folder)
    with pytest.raises(KeysError, match="--force"):
        make_keys(folder)
    assert load_credentials(folder) == before
    make_keys(folder, force=True)
    assert load_server_keys(folder).client_of(before.token) == ""
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_another_folder_is_never_replaced(tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("everything")
    with pytest.raises(KeysError, match="no folder of keys"):
        make_keys(tmp_path, force=True)
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.parametrize("name", ["../anna", "", "a/b", ".ssh", "server", "authority", "anna\n"])
def test_a_clients_name_is_no_path(tmp_path: Path, name: str):
    with pytest.raises(KeysError):
        make_keys(tmp_path / "keys", clients=(name,))
    assert not list(tmp_path.iterdir())


def test_a_key_that_others_can_read_is_refused(tmp_path: Path):
    make_keys(tmp_path / "keys")
    (tmp_path / "keys" / "operator" / "token").chmod(0o644)
    (tmp_path / "keys" / "server" / "server.key").chmod(0o640)
    with pytest.raises(KeysError, match=r"chmod 600 .*token"):
        load_credentials(tmp_path / "keys")
    with pytest.raises(KeysError, match=r"chmod 600 .*server\.key"):
        load_server_keys(tmp_path / "keys")


def test_with_several_clients_one_must_be_chosen(keys: Path):
    with pytest.raises(KeysError, match=r"choose one: .*anna, .*bert"):
        load_credentials(keys)


def test_missing_and_damaged_keys_are_one_line(tmp_path: Path):
    for load in (load_credentials, load_server_keys):
        with pytest.raises(KeysError, match="robotics keys make"):
            load(tmp_path)
    make_keys(tmp_path / "keys")
    (tmp_path / "keys" / "server" / "clients.json").write_text('["anna"]')
    with pytest.raises(KeysError, match="damaged"):
        load_server_keys(tmp_path / "keys")


def test_no_secret_shows_in_a_traceback(keys: Path):
    credentials = load_credentials(keys / "anna")
    shown = repr(credentials) + repr(load_server_keys(keys))
    assert credentials.token not in shown and "PRIVATE" not in shown
