"""Makes a certificate authority for tests and small laboratories, and everything that it signs."""

import ipaddress
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from robotics.bridge.security import key_folder as files
from robotics.bridge.security.key_folder import KeysError
from robotics.bridge.security.names import is_plain_name

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TOKEN_BYTES = 32
_CLOCK_TOLERANCE = timedelta(days=1)
"""Certificates begin so long ago: a robot without a battery for its clock starts in the past."""


@dataclass(frozen=True)
class _Signed:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_keys(
    folder: Path,
    hosts: Sequence[str] = (),
    clients: Sequence[str] = ("operator",),
    valid_days: float = 365.0,
    force: bool = False,
) -> None:
    """Make an authority, a server's certificate, and a certificate and a token for each client.

    The authority is the self-signed root of these files alone: nobody vouches for it. All files are
    readable by their owner only.

    Args:
        hosts: Names and IP addresses by which clients reach the server; loopback is always among them.
        clients: Plain names; they appear in the audit log.
        valid_days: Negative ones have expired, for tests.
        force: Replace a folder of keys.

    Raises:
        KeysError: The folder exists, a name is wrong, or the disk does not take it.
    """
    _check(folder, clients, force)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # whole or not at all: a server must not find half of it
        made = Path(tempfile.mkdtemp(prefix=".keys-", dir=folder.parent))
        try:
            _fill(made, hosts, clients, valid_days)
            if folder.exists():
                shutil.rmtree(folder)
            made.rename(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise KeysError(f"cannot make keys in {folder}: {error.strerror}") from error


def _check(folder: Path, clients: Sequence[str], force: bool) -> None:
    for name in clients:
        if not is_plain_name(name) or name in (files.AUTHORITY, files.SERVER, files.CA_CERTIFICATE):
            raise KeysError(f"a client's name is letters, digits and _ . - @, such as anna; got '{name}'")
    if len(set(clients)) < len(clients) or not clients:
        raise KeysError(f"wanted one or more different clients, got: {', '.join(clients) or 'none'}")
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / files.CA_CERTIFICATE).is_file() or not (folder / files.AUTHORITY).is_dir():
        raise KeysError(f"{folder} exists and is no folder of keys; choose another")
    if not force:
        raise KeysError(
            f"{folder} has keys already; --force replaces them, and clients with the old ones are locked out"
        )


def _fill(folder: Path, hosts: Sequence[str], clients: Sequence[str], valid_days: float) -> None:
    authority = _sign("robotics test authority", None, valid_days)
    server = _sign("robotics server", authority, valid_days, hosts=(*LOOPBACK, *hosts))
    ca = _pem(authority.certificate)
    _write(folder / files.CA_CERTIFICATE, ca)
    _write(folder / files.AUTHORITY / "ca.key", _private_pem(authority.key))
    tokens = {name: secrets.token_urlsafe(_TOKEN_BYTES) for name in clients}
    served = {name: {"token_sha256": files.digest_of(token)} for name, token in tokens.items()}
    for name, content in (
        (files.CA_CERTIFICATE, ca),
        (files.SERVER_CERTIFICATE, _pem(server.certificate)),
        (files.SERVER_KEY, _private_pem(server.key)),
        (files.SERVER_CLIENTS, json.dumps(served, indent=1).encode() + b"\n"),
    ):
        _write(folder / files.SERVER / name, content)
    for client, token in tokens.items():
        signed = _sign(client, authority, valid_days)
        for name, content in (
            (files.CA_CERTIFICATE, ca),
            (files.CLIENT_CERTIFICATE, _pem(signed.certificate)),
            (files.CLIENT_KEY, _private_pem(signed.key)),
            (files.CLIENT_TOKEN, token.encode() + b"\n"),
        ):
            _write(folder / client / name, content)


def _sign(name: str, authority: _Signed | None, valid_days: float, hosts: Sequence[str] = ()) -> _Signed:
    """A certificate of the authority; without one, the authority's own. With hosts it is a server's."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = authority.certificate.subject if authority else subject
    signing_key = authority.key if authority else key
    ends = datetime.now(UTC) + timedelta(days=valid_days)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(datetime.now(UTC), ends) - _CLOCK_TOLERANCE)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False
        )
        .add_extension(_usage(signs=authority is None), critical=True)
    )
    if authority is not None:
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if hosts:
        names = x509.SubjectAlternativeName([_general_name(host) for host in dict.fromkeys(hosts)])
        builder = builder.add_extension(names, critical=False)
    return _Signed(builder.sign(signing_key, hashes.SHA256()), key)


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        raise KeysError(f"'{host}' is neither the name nor the IP address of a machine") from error


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
