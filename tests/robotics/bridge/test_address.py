"""A server listens on loopback, on a free port, or says in one line why not."""

import socket

import pytest

from robotics.bridge.address import (
    AddressError,
    check_listening_address,
    is_loopback,
    join_address,
    split_address,
)


@pytest.mark.parametrize(("address", "parts"), [("localhost:1", ("localhost", 1)), ("[::1]:80", ("::1", 80))])
def test_an_address_splits_into_host_and_port_and_joins_again(address, parts):
    assert split_address(address) == parts
    assert join_address(*parts) == address


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1", "127.0.0.1:", ":50051", "localhost:x", "localhost:65536"]
)
def test_what_is_no_address_is_said_so(address: str):
    with pytest.raises(AddressError, match="HOST:PORT"):
        check_listening_address(address)


@pytest.mark.parametrize("address", ["0.0.0.0:50051", "[::]:50051", "192.168.1.5:50051", "example.com:50051"])
def test_other_machines_are_not_served_without_tls(address: str):
    with pytest.raises(AddressError, match=r"TLS.*127\.0\.0\.1:50051"):
        check_listening_address(address)


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::1]:0", "127.0.0.2:0"])
def test_other_addresses_are_fine_once_secured(address: str):
    assert check_listening_address(address, secured=True) == split_address(address)


def test_a_name_that_nobody_has_is_said_so():
    with pytest.raises(AddressError, match="no machine is called"):
        check_listening_address("no-such-machine.invalid:0", secured=True)


@pytest.mark.parametrize("host", ["127.1", "localhost.example.com", "::ffff:127.0.0.1", "0.0.0.0"])
def test_what_only_looks_like_loopback_is_none(host: str):
    assert not is_loopback(host)


def test_a_port_in_use_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AddressError, match=f"port {port} is in use"):
            check_listening_address(f"localhost:{port}")


def test_port_zero_is_fine():
    assert check_listening_address("localhost:0") == ("127.0.0.1", 0)
