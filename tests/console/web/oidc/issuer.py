"""An OpenID provider on loopback, with tokens that are really signed, and ways to lie in each part of them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from tests.console.web.conftest import Now

CLIENT, SECRET = "marque", "a secret of the client's own"


class Issuer:
    """Signs in whoever `subject` says. `lies` changes what it tells; `claims` what its tokens say."""

    def __init__(self, now: Now, port: int) -> None:
        self.now, self.base = now, f"http://127.0.0.1:{port}"
        self.key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
        self.subject = "248289761001"
        self.claims: dict[str, Any] = {}
        self.lies: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def authorize(self, address: str) -> dict[str, str]:
        """What a person's browser brings back from the sign-in page at this address."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT and asked["redirect_uri"].endswith("/sign-in/oidc/back")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.base}

    def description(self) -> dict[str, Any]:
        told = {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/keys",
            "code_challenge_methods_supported": ["S256"],
        }
        return told | self.lies.get("description", {})

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        made = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(made).decode().rstrip("=")
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or asked["code_challenge"] != challenge or authorization != f"Basic {basic}":
            return 400, {"error": "invalid_grant"}
        at = int(self.now().timestamp())
        said = {"iss": self.base, "sub": self.subject, "aud": CLIENT, "iat": at, "exp": at + 300}
        said |= {"nonce": asked["nonce"], **self.claims}
        said = {name: value for name, value in said.items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(said)}

    def sign(self, said: dict[str, Any]) -> str:
        how = self.lies.get("sign")
        if how == "none":
            parts = ({"alg": "none", "typ": "JWT"}, said)
            return (
                ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."
            )
        if how == "ours":  # by the client's secret, as HS256 would have it
            return jwt.encode({"alg": "HS256"}, said, OctKey.import_key(SECRET.ljust(32, "x")))
        if how == "another":
            key = ECKey.generate_key("P-256", {"kid": "one"})
            return jwt.encode({"alg": "ES256", "kid": "one"}, said, key)
        token = jwt.encode({"alg": "ES256", "kid": self.key.kid}, said, self.key)
        if how == "edited":
            head, body, seal = token.split(".")
            other = json.loads(base64.urlsafe_b64decode(body + "==")) | {"sub": "somebody else"}
            return f"{head}.{base64.urlsafe_b64encode(json.dumps(other).encode()).decode().rstrip('=')}.{seal}"
        return token


@contextmanager
def issuing(now: Now) -> Iterator[Issuer]:
    """An issuer that listens."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            if self.path == "/.well-known/openid-configuration":
                self._tell(200, issuer.description())
            else:
                self._tell(200, KeySet([issuer.key]).as_dict(private=False))

        def do_POST(self) -> None:
            issuer.asked.append(self.path)
            raw = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            self._tell(*issuer.token(form, self.headers.get("authorization", "")))

        def _tell(self, status: int, told: Any) -> None:
            body = json.dumps(told).encode()
            self.send_response(issuer.lies.get("status", status))
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(now, server.server_address[1])
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
