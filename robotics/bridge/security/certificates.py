"""What a certificate says: whose it is, whom it names, when it ends."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from robotics.bridge.security.key_folder import KeysError


@dataclass(frozen=True)
class CertificateFacts:
    """Of the first certificate of a PEM file."""

    name: str
    hosts: tuple[str, ...]
    """Names and addresses that a server's certificate is valid for."""
    ends: datetime
    """In UTC."""

    @property
    def expired(self) -> bool:
        return self.ends < datetime.now(UTC)


def read_certificate(path: Path) -> CertificateFacts:
    """
    Raises:
        KeysError: The file cannot be read, or is no certificate.
    """
    certificate = _load(path)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        hosts = tuple(str(name.value) for name in extension.value)
    except x509.ExtensionNotFound:
        hosts = ()
    name = str(names[0].value) if names else ""
    return CertificateFacts(name, hosts, certificate.not_valid_after_utc)


def is_signed_by(path: Path, authority: Path) -> bool:
    """Whether the key of one certificate signed the other.

    Raises:
        KeysError: A file cannot be read, or is no certificate.
    """
    try:
        _load(path).verify_directly_issued_by(_load(authority))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _load(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise KeysError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise KeysError(f"{path} is no certificate in PEM form") from error
