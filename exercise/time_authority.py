"""
A time authority of the exercise world: RFC 3161 tokens by `openssl ts`, on loopback.

Nobody outside the exercise has a reason to trust its root; it shows how a real authority is asked and checked.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CONFIGURATION = """\
[tsa]
default_tsa = chosen
[chosen]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
{certs}
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
# The longest query there is: SHA-512, policy, nonce. A longer one is not read.
_QUERY_BYTES = 4096


class TimeAuthority:
    """Keys, certificates and settings of one authority in a folder of its own: root, issuer, signer."""

    def __init__(self, folder: Path, *, name: str, now: datetime, days: int = 3650, with_chain: bool = True) -> None:
        """
        Make it. `days` is how long the signer's certificate holds, from a day before `now`; `with_chain` puts the
        issuer's certificate into every token.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        began = now - timedelta(days=1)
        root_key, issuer_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        root = _certificate(f"{name} root", root_key, None, began, 7300)
        issuer = _certificate(f"{name} issuer", issuer_key, (root, root_key), began, 7300)
        signer = _certificate(f"{name} signer", signer_key, (issuer, issuer_key), began, days, is_authority=False)
        self.root_pem = root.public_bytes(Encoding.PEM)
        (folder / "root.pem").write_bytes(self.root_pem)
        (folder / "issuer.pem").write_bytes(issuer.public_bytes(Encoding.PEM))
        (folder / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
        secret = signer_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "signer.key").touch(mode=0o600)
        (folder / "signer.key").write_bytes(secret)
        (folder / "serial").write_text("01\n")
        certs = f"certs = {folder}/issuer.pem" if with_chain else ""
        (folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=folder, certs=certs))

    def reply(self, query: bytes) -> bytes:
        """The answer to one query, as DER. Raises `CalledProcessError` where openssl fails."""
        program = shutil.which("openssl") or "openssl"
        asked = self.folder / "query.tsq"
        asked.write_bytes(query)
        command = [program, "ts", "-reply", "-config", str(self.folder / "tsa.cnf"), "-queryfile", str(asked)]
        return subprocess.run(command, capture_output=True, check=True, timeout=20).stdout  # noqa: S603 -- fixed words


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
    began: datetime,
    days: int,
    *,
    is_authority: bool = True,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signing = (subject, key) if by is None else (by[0].subject, by[1])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(_usage(is_authority), critical=True)
    )
    if not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(signing, hashes.SHA256())


def _usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@contextmanager
def serving(reply: Callable[[bytes], bytes]) -> Iterator[str]:
    """Serve an authority's `reply` on a free port of 127.0.0.1; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            answer = reply(self.rfile.read(min(size, _QUERY_BYTES)))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: what was asked stands in the tokens."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
