"""
OpenID Connect of one issuer: its description, the address where people sign in, and a code turned into a subject.

Source of every check: OpenID Connect Core 1.0, 3.1.3.7, and Discovery 1.0, 4.3; RFC 7636 (PKCE); RFC 9207 (issuer in
the answer). Claims are judged by Authlib, signatures by joserfc.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]  # Authlib ships none
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # as above
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # as above
from authlib.oidc.discovery import OpenIDProviderMetadata  # type: ignore[import-untyped]  # as above
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config.delivery import check_address
from crawler.errors import NoAnswer, NoConnection, Refused
from crawler.exchange import exchange
from store.records.ids import Clock

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key that only the issuer has; `none` and those by our own secret are not among them."""

CLOCKS_S = 60  # chosen: clocks of two servers differ by seconds
DESCRIBED_FOR = timedelta(minutes=10)  # chosen: a changed key is fetched anew at once, a moved address after this
ANSWER_BYTES = 256 << 10
CONNECT_S, WHOLE_S = 5.0, 10.0  # chosen: a person waits for it
AT_ONCE = 2  # asked at the same time: an issuer that hangs must not take every thread of the desk


class ProviderFault(Exception):
    """The sign-in can't be believed, or the issuer can't be asked; the message is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One issuer as this installation knows it."""

    issuer: str
    client: str
    secret: str | None  # None: a public client, by PKCE alone
    redirect_uri: str
    clock: Clock
    inner: tuple[str, ...] = ()  # hosts of one's own network that may be asked
    known: dict[str, tuple[datetime, Mapping[str, Any]]] = field(default_factory=dict)  # what was fetched, by address
    gate: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))

    def sign_in_address(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the person's browser goes. Raises `ProviderFault`."""
        description = self._description()
        address: str = prepare_grant_uri(
            str(description["authorization_endpoint"]),
            client_id=self.client,
            response_type="code",
            redirect_uri=self.redirect_uri,
            scope="openid",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    def subject_of(self, code: str, *, nonce: str, verifier: str) -> str:
        """The verified subject of a code. Raises `ProviderFault`."""
        description = self._description()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": self.client,
            "code_verifier": verifier,
        }
        if self.secret is not None:
            named = base64.b64encode(f"{self.client}:{self.secret}".encode("latin-1")).decode()
            headers["Authorization"] = f"Basic {named}"
        told = self._ask("POST", str(description["token_endpoint"]), headers, urlencode(form).encode())
        token, access = told.get("id_token"), told.get("access_token")
        if not isinstance(token, str):
            raise ProviderFault("the issuer gave no id_token for the code")
        claims = CodeIDToken(
            *self._read(token, str(description["jwks_uri"])),
            options={
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self.client},
            },
            params={"nonce": nonce, "client_id": self.client, "access_token": access},
        )
        try:
            claims.validate(now=int(self.clock().timestamp()), leeway=CLOCKS_S)
        except (JoseError, TypeError, ValueError) as error:
            raise ProviderFault(f"the id_token is not for this sign-in: {error}") from error
        audience, subject = claims["aud"], claims["sub"]
        if audience not in (self.client, [self.client]):
            raise ProviderFault("the id_token is for others too")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
            raise ProviderFault("the id_token names no subject")
        return subject

    def _read(self, token: str, keys: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Claims and header of a token that the issuer signed; keys are fetched anew once, where none fits."""
        for is_fresh in (False, True):
            try:
                named: Any = self._get(keys, fresh=is_fresh)  # Any: joserfc's own shape of a key set
                read = jwt.decode(token, KeySet.import_key_set(named), ALGORITHMS)
            except (JoseError, ValueError, KeyError, TypeError) as error:
                if is_fresh:
                    raise ProviderFault(f"the id_token is not signed by the issuer: {error}") from error
                continue
            return dict(read.claims), dict(read.header)
        raise ProviderFault("the id_token is not signed by the issuer")

    def _description(self) -> Mapping[str, Any]:
        told = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != self.issuer:
            raise ProviderFault("the description is another issuer's")
        try:
            if self.issuer.startswith("https:"):  # an exercise's own issuer, on this machine, speaks http
                OpenIDProviderMetadata(told).validate_issuer()
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                check_address(name, str(told[name]))
        except (KeyError, ValueError) as error:
            raise ProviderFault(f"the description can't be followed: {error}") from error
        methods = told.get("code_challenge_methods_supported")
        if methods is not None and "S256" not in methods:
            raise ProviderFault("the issuer does not take PKCE with S256")
        return told

    def _get(self, address: str, *, fresh: bool = False) -> Mapping[str, Any]:
        now = self.clock()
        known = self.known.get(address)
        if fresh or known is None or now - known[0] > DESCRIBED_FOR:
            known = (now, self._ask("GET", address, {"Accept": "application/json"}, None))
            self.known[address] = known
        return known[1]

    def _ask(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> Mapping[str, Any]:
        """One answer as a JSON object, guarded, pinned and bounded as every exchange is. Raises `ProviderFault`."""
        if not self.gate.acquire(blocking=False):
            raise ProviderFault("the issuer is being asked by others and has not answered them")
        try:
            answer = exchange(
                method,
                address,
                headers=headers,
                body=body,
                loopback=True,
                read_s=WHOLE_S,
                most_bytes=ANSWER_BYTES + 1,
                connect_s=CONNECT_S,
                whole_s=WHOLE_S,
                inner=self.inner,
            )
            told = json.loads(answer.body) if len(answer.body) <= ANSWER_BYTES else None
        except (Refused, NoConnection, NoAnswer) as error:
            raise ProviderFault(f"{address} can't be asked: {error.why}") from error
        except (ValueError, RecursionError) as error:
            raise ProviderFault(f"{address} can't be asked: {type(error).__name__}") from error
        finally:
            self.gate.release()
        if answer.status != 200 or not isinstance(told, dict):
            raise ProviderFault(f"{address} answered {answer.status}")
        return told
