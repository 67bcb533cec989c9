"""Why a connection does not come about, in one line: gRPC says little more than UNAVAILABLE."""

import contextlib
import socket
import ssl

from robotics.bridge.address import AddressError, split_address
from robotics.bridge.security.key_folder import CA_CERTIFICATE, CLIENT_CERTIFICATE, CLIENT_KEY, Credentials

_TIMEOUT_S = 2.0


def speaks_tls(address: str) -> bool:
    """Whether a TLS server answers at HOST:PORT; False where nobody does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # it is asked for nothing but its language, and told nothing
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with contextlib.suppress(OSError, AddressError), _connect(address) as plain:
        try:
            with context.wrap_socket(plain):
                return True
        except ssl.SSLError as error:
            # a handshake that fails for another reason is still one
            return error.reason not in _NO_TLS
    return False


_NO_TLS = (
    "WRONG_VERSION_NUMBER",
    "UNEXPECTED_EOF_WHILE_READING",
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    None,
)


def explain(what: str, address: str, credentials: Credentials | None) -> str:
    """Why the channel to `what` (such as 'robot') at HOST:PORT does not come about."""
    nobody = f"no {what} answers at {address}; is it running there?"
    if credentials is None:
        if speaks_tls(address):
            return f"the {what} at {address} wants TLS: give --keys FOLDER, with the keys that it knows"
        return nobody
    try:
        with _connect(address) as plain:
            return _explain_handshake(what, address, credentials, plain) or nobody
    except (OSError, AddressError):
        return nobody


def _explain_handshake(what: str, address: str, credentials: Credentials, plain: socket.socket) -> str:
    """'' where the handshake succeeds."""
    folder = credentials.folder
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    try:
        context.load_verify_locations(folder / CA_CERTIFICATE)
        if credentials.certificate is not None:
            context.load_cert_chain(folder / CLIENT_CERTIFICATE, folder / CLIENT_KEY)
    except (OSError, ssl.SSLError):
        return f"the keys in {folder} are damaged"
    try:
        with context.wrap_socket(plain, server_hostname=split_address(address)[0]) as secure:
            # In TLS 1.3 a server judges the client's certificate after the handshake; where it accepts it,
            # its HTTP/2 settings follow.
            if not secure.recv(1):
                return f"the {what} at {address} does not accept this client: {_why_not_we(credentials)}"
    except ssl.SSLCertVerificationError as error:
        return f"the {what} at {address} cannot be trusted: {_why_not(error, address, folder)}"
    except ssl.SSLError as error:
        if error.reason in _NO_TLS:
            return f"the {what} at {address} does not speak TLS: leave --keys (and ROBOTICS_KEYS) out"
        return f"the {what} at {address} breaks the TLS handshake off: {error.reason}"
    except TimeoutError:
        return f"what answers at {address} is no {what}"
    return ""


def _why_not(error: ssl.SSLCertVerificationError, address: str, folder: object) -> str:
    host = split_address(address)[0]
    match error.verify_message:
        case text if "expired" in text:
            return "its certificate has expired"
        case text if "not yet valid" in text:
            return "its certificate is not valid yet; is this machine's clock right?"
        case text if "mismatch" in text or "not valid for" in text:
            return f"its certificate is not for '{host}'; make it with `robotics keys make --host {host}`"
        case text if "self-signed" in text or "local issuer" in text or "signature failure" in text:
            return f"another authority signed its certificate than {folder}/{CA_CERTIFICATE}"
        case text:
            return text


def _why_not_we(credentials: Credentials) -> str:
    """What is wrong with the client's certificate, as far as it can be seen here: gRPC servers do not say."""
    from robotics.bridge.security.certificates import is_signed_by, read_certificate

    folder = credentials.folder
    if credentials.certificate is None:
        return f"it wants a client certificate, and there is none in {folder}"
    if read_certificate(folder / CLIENT_CERTIFICATE).expired:
        return f"the certificate in {folder} has expired"
    if not is_signed_by(folder / CLIENT_CERTIFICATE, folder / CA_CERTIFICATE):
        return f"another authority signed the certificate in {folder}"
    return f"the certificate in {folder} is not one that it accepts"


def _connect(address: str) -> socket.socket:
    return socket.create_connection(split_address(address), _TIMEOUT_S)
