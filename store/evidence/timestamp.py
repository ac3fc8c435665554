"""
Tokens of time authorities (RFC 3161): asked for, checked twice, and kept only if both checks hold.

A token shows that a signature existed at a time, by the word of somebody who has no part in the matter. It does not
show where the bytes came from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography.x509 import Certificate
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from store.evidence.errors import NoToken
from store.evidence.verify import Refused, TimeToken, der_values, read_token, request_nonce

# Chosen: clocks kept by NTP differ by less than a second. Beyond this one of the two is wrong, and nothing is kept.
CLOCKS_APART = timedelta(seconds=60)

Ask = Callable[[str, bytes], bytes]
"""Sends a query to an address and gives the answer. Raises `OSError` when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAuthority:
    """A time authority this workspace asks. `qualified` is the word of whoever configured it (eIDAS, Article 42)."""

    name: str
    url: str
    roots: tuple[Certificate, ...]
    qualified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """One token: the query, the answer as it came, and what it says."""

    authority: str
    query: bytes
    response: bytes
    token: TimeToken


def ask_for_token(authority: TimeAuthority, signature: bytes, *, ask: Ask, now: Callable[[], datetime]) -> Stamp:
    """
    A token over the SHA-256 of a signature.

    Raises `NoToken` for no answer, a refusal, an answer to something else, a signer whose certificate is not for
    time stamps or does not lead to the authority's roots, and a clock more than a minute away from `now`.
    """
    query = TimestampRequestBuilder(data=signature, hash_algorithm=HashAlgorithm.SHA256).build().as_bytes()
    try:
        response = ask(authority.url, query)
    except OSError as error:
        raise NoToken(authority.name, f"no answer ({error})") from error
    token = check_token(authority, query, response, signature)
    apart = abs(token.gen_time - now())
    if apart > CLOCKS_APART:
        raise NoToken(authority.name, f"its clock and this machine's are {apart} apart; set this machine's by NTP")
    return Stamp(authority=authority.name, query=query, response=response, token=token)


def check_token(authority: TimeAuthority, query: bytes, response: bytes, signature: bytes) -> TimeToken:
    """What an answer says. Raises `NoToken` unless the verifier and `rfc3161-client` both accept it."""
    imprint = sha256(signature).digest()
    try:
        token = read_token(response, authority.roots)
        nonce = request_nonce(query, imprint)
    except Refused as error:
        raise NoToken(authority.name, str(error)) from error
    if token.imprint_sha256 != imprint:
        raise NoToken(authority.name, "the token is over other bytes")
    if token.nonce is None or token.nonce != nonce:
        raise NoToken(authority.name, "the token answers another query: its nonce differs")
    _check_again(authority, nonce, response, imprint)
    return token


def _check_again(authority: TimeAuthority, nonce: int, response: bytes, imprint: bytes) -> None:
    """The same judgement by another program, which knows CMS by itself."""
    builder = VerifierBuilder().nonce(nonce)
    for certificate in authority.roots:
        builder = (
            builder.add_root_certificate(certificate)
            if certificate.issuer == certificate.subject
            else builder.add_intermediate_certificate(certificate)
        )
    try:
        builder.build().verify(decode_timestamp_response(_in_order(response)), imprint)
    except (ValueError, VerificationError) as error:
        raise NoToken(authority.name, f"a second program does not accept the token ({error})") from error


def _in_order(response: bytes) -> bytes:
    """
    The answer with its certificates in the order DER wants.

    Authorities send them as they like (openssl too, measured), and `rfc3161-client` reads no such answer. The list
    is not covered by the signature, and its length does not change.
    """
    (outer,) = der_values(response)
    content_info = der_values(outer.content)[1]
    (signed_data,) = der_values(der_values(content_info.content)[1].content)
    for part in der_values(signed_data.content)[3:]:
        if part.tag == 0xA0:  # the certificates
            certificates = [value.whole for value in der_values(part.content)]
            response = response.replace(b"".join(certificates), b"".join(sorted(certificates)), 1)
    return response
