import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from console import stamping
from console.stamping import ask_over_http
from exercise.time_authority import TimeAuthority as LocalAuthority
from exercise.time_authority import serving
from store.evidence.errors import NoToken
from store.evidence.timestamp import Ask, TimeAuthority, ask_for_token
from store.evidence.verify import Refused, check_authority, parse_roots, read_token, request_nonce
from store.records.ids import utc_now
from tests.store.evidence.conftest import configured

SIGNATURE = bytes(range(64))


def query_over(data: bytes, *, nonce: bool = True) -> bytes:
    builder = TimestampRequestBuilder(data=data, hash_algorithm=HashAlgorithm.SHA256, nonce=nonce)
    return builder.build().as_bytes()


def test_a_token_says_when_over_what_and_by_whom(authority: TimeAuthority, tmp_path: Path) -> None:
    stamp = ask_for_token(authority, SIGNATURE, ask=ask_over_http, now=utc_now)
    assert abs(stamp.token.gen_time - datetime.now(UTC)) < timedelta(seconds=10)
    assert stamp.token.authority == "CN=Exercise signer"
    assert stamp.token.policy == "1.3.6.1.4.1.32473.1.1"
    # The program every court's expert has comes to the same judgement.
    (tmp_path / "data").write_bytes(SIGNATURE)
    (tmp_path / "a.tsr").write_bytes(stamp.response)
    (tmp_path / "roots.pem").write_bytes(b"".join(root.public_bytes(Encoding.PEM) for root in authority.roots))
    command = ["openssl", "ts", "-verify", "-data", "data", "-in", "a.tsr", "-CAfile", "roots.pem"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr


def test_a_flipped_bit_anywhere_in_a_token_is_refused_or_not_covered(
    authority: TimeAuthority, local_authority: LocalAuthority
) -> None:
    """What a flip may leave untouched is what the signature does not cover and the judgement does not use."""
    query = query_over(SIGNATURE)
    response = local_authority.reply(query)
    token = read_token(response, authority.roots)
    rng = Random(3)
    for at in rng.sample(range(len(response)), 250):
        changed = response[:at] + bytes([response[at] ^ (1 << rng.randrange(8))]) + response[at + 1 :]
        try:
            found = read_token(changed, authority.roots)
        except Refused:
            continue
        assert found == token, at


def cut_and_wild(rng: Random, response: bytes) -> bytes:
    at, to = sorted(rng.sample(range(len(response)), 2))
    return response[:at] + rng.randbytes(rng.randrange(9)) + response[to:]


def test_broken_tokens_are_refused_and_never_crash(authority: TimeAuthority, local_authority: LocalAuthority) -> None:
    response = local_authority.reply(query_over(SIGNATURE))
    rng = Random(4)
    for _ in range(300):
        with pytest.raises(Refused):
            read_token(cut_and_wild(rng, response), authority.roots)
    for wild in (b"", b"\x30", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"<html>busy</html>", response * 2):
        with pytest.raises(Refused):
            read_token(wild, authority.roots)
        with pytest.raises(Refused):
            request_nonce(wild, b"")


def answering(local: LocalAuthority) -> Ask:
    return lambda _url, query: local.reply(query)


@pytest.mark.parametrize("with_chain", [True, False], ids=["chain in the token", "signer only"])
def test_tokens_with_and_without_their_chain_verify(tmp_path: Path, with_chain: bool) -> None:
    """Certificates stand in a token in any order, which one well-known library cannot read without help."""
    for turn in range(3):
        local = LocalAuthority(tmp_path / str(turn), name="Ordered", now=utc_now(), with_chain=with_chain)
        known = local.root_pem if with_chain else local.root_pem + (local.folder / "issuer.pem").read_bytes()
        configuration = configured("ordered", "http://127.0.0.1/", known)
        asked = ask_for_token(configuration, SIGNATURE, ask=answering(local), now=utc_now)
        assert asked.token.authority == "CN=Ordered signer"


def lies(local: LocalAuthority, tmp_path: Path) -> dict[str, tuple[Callable[[bytes], bytes], str]]:
    other = LocalAuthority(tmp_path / "other", name="Somebody", now=utc_now())
    expired = LocalAuthority(tmp_path / "expired", name="Exercise", now=utc_now() - timedelta(days=400), days=30)
    return {
        "garbage": (lambda _query: b"<html>busy</html>", "not DER|malformed|tag"),
        "nothing": (lambda _query: b"", "malformed|unpack"),
        "another file's token": (lambda _query: local.reply(query_over(b"another")), "other bytes"),
        "an earlier token": (lambda _query: local.reply(query_over(SIGNATURE)), "nonce"),
        "no nonce": (lambda _query: local.reply(query_over(SIGNATURE, nonce=False)), "nonce"),
        "another root": (other.reply, "trusted root"),
        "a refusal": (lambda _query: bytes.fromhex("30053003020102"), "refused: status 2"),
        "a certificate that ran out": (expired.reply, "trusted root|no answer"),
    }


def test_every_lie_of_an_authority_is_refused(
    local_authority: LocalAuthority, authority: TimeAuthority, tmp_path: Path
) -> None:
    for name, (reply, why) in lies(local_authority, tmp_path).items():
        with serving(reply) as url, pytest.raises(NoToken, match=why):
            asked = TimeAuthority(name="first", url=url, roots=authority.roots)
            ask_for_token(asked, SIGNATURE, ask=ask_over_http, now=utc_now)
            pytest.fail(f"{name} was taken")


def signer_for(usages: list[x509.ObjectIdentifier] | None, *, critical: bool = True) -> x509.Certificate:
    """A root's own certificate with these purposes: short, and enough to ask what it may be used for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "one for all")])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(utc_now() - timedelta(days=9))
    builder = builder.not_valid_after(utc_now() + timedelta(days=9))
    if usages is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=critical)
    return builder.sign(ROOT_KEY, hashes.SHA256())


ROOT_KEY = ec.generate_private_key(ec.SECP256R1())
TIME, WEB = ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.SERVER_AUTH


def root_with(*, ca: bool) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(ROOT_KEY.public_key())
    builder = builder.serial_number(1).not_valid_before(utc_now() - timedelta(days=9))
    builder = builder.not_valid_after(utc_now() + timedelta(days=9))
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    return builder.sign(ROOT_KEY, hashes.SHA256())


@pytest.mark.parametrize(
    ("usages", "critical", "days", "ca"),
    [
        ([WEB], True, 0, True),
        ([TIME, WEB], True, 0, True),
        ([TIME], False, 0, True),
        (None, True, 0, True),
        ([TIME], True, 30, True),
        ([TIME], True, -30, True),
        ([TIME], True, 0, False),
    ],
    ids=["for the web", "for both", "not critical", "for nothing", "ran out", "not yet", "root issues nothing"],
)
def test_a_certificate_for_anything_but_time_alone_makes_no_token(
    usages: list[x509.ObjectIdentifier] | None, critical: bool, days: int, ca: bool
) -> None:
    """RFC 3161, 2.3: the purpose is time stamps, alone and critical; a web server's certificate will not do."""
    good, at = signer_for([TIME]), utc_now()
    check_authority(good, [good], [root_with(ca=True)], at)
    signer = signer_for(usages, critical=critical)
    with pytest.raises(Refused, match="trusted root"):
        check_authority(signer, [signer], [root_with(ca=ca)], at + timedelta(days=days))


def test_clocks_more_than_a_minute_apart_keep_no_token(authority: TimeAuthority) -> None:
    for wrong in (timedelta(minutes=-2), timedelta(minutes=2), timedelta(days=-400)):
        with pytest.raises(NoToken, match="clock"):
            ask_for_token(
                authority,
                SIGNATURE,
                ask=ask_over_http,
                now=lambda wrong=wrong: utc_now() + wrong,  # type: ignore[misc]  # bound now
            )


def test_an_authority_that_stalls_refuses_or_floods_costs_little(
    monkeypatch: pytest.MonkeyPatch, authority: TimeAuthority
) -> None:
    monkeypatch.setattr(stamping, "WHOLE_S", 0.2)
    done = Event()

    def stall(_query: bytes) -> bytes:
        done.wait(3)
        return b""

    with serving(stall) as url, pytest.raises(NoToken, match="no answer"):
        try:
            slow = TimeAuthority(name="slow", url=url, roots=authority.roots)
            ask_for_token(slow, SIGNATURE, ask=ask_over_http, now=utc_now)
        finally:
            done.set()
    monkeypatch.undo()
    with serving(lambda _query: bytes(300_000)) as url, pytest.raises(OSError, match="longer"):
        ask_over_http(url, b"x")
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/", "http://127.0.0.1:9/", "http://169.254.169.254/"):
        with pytest.raises(OSError, match=r"scheme|refused|not a public address"):
            ask_over_http(url, b"x")


def test_roots_are_certificates_that_issued_themselves(local_authority: LocalAuthority) -> None:
    with pytest.raises(Refused, match="PEM"):
        parse_roots(b"hello")
    with pytest.raises(Refused, match="no root"):
        parse_roots((local_authority.folder / "issuer.pem").read_bytes())
