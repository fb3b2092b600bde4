"""Mails go over TLS that is checked, in both of its manners, and with the account of the settings."""

import datetime as dt
import ipaddress
import ssl

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine import mail
from engine.errors import ConflictError
from tests.engine import sinks

SECRET = "secret"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> str:
    """A certificate for 127.0.0.1 that nobody trusts yet, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begin = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return str(path)


@pytest.fixture(params=["starttls", "tls"])
def server(request, certificate):
    """A mail server that wants TLS and then the account flow / secret."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    known: list[tuple[bytes, bytes]] = []

    def check(_server, _session, _envelope, _mechanism, given):
        known.append((given.login, given.password))
        return AuthResult(success=given.password == SECRET.encode(), handled=False)

    more = {
        "tls": {"ssl_context": context, "auth_require_tls": False},
        "starttls": {"tls_context": context, "require_starttls": True, "auth_required": True},
    }[request.param]
    with sinks.mailbox(authenticator=check, **more) as opened:
        opened.mode, opened.known = request.param, known
        yield opened
    mail.use(None)


def use(server, password: str = SECRET) -> None:
    mail.use(mail.Server(host="127.0.0.1", port=server.port, tls=server.mode, username="flow",
                         password=password, sender="flow@example.org"))  # fmt: skip


def test_a_trusted_server_is_spoken_to_under_tls_with_the_account(server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    use(server)

    mail.test("an@example.org")

    assert server.known == [(b"flow", b"secret")]
    assert len(server.mails) == 1


def test_a_server_that_nobody_vouches_for_hears_no_password(server):
    use(server)

    with pytest.raises(ConflictError, match="CERTIFICATE_VERIFY_FAILED"):
        mail.test("an@example.org")

    assert server.known == []
    assert server.mails == []


def test_a_wrong_password_is_said(server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    use(server, password="wrong")

    with pytest.raises(ConflictError, match="535"):
        mail.test("an@example.org")

    assert server.mails == []
