import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from store.evidence.errors import KeyUnusable, Unsealable
from store.evidence.seal import (
    SigningKey,
    create_key,
    load_key,
    publish,
    published_keys,
    retire_key,
    revoke_key,
    seal,
    sign,
    write_time,
)
from store.evidence.verify import Refused, canonical_json, parse_canonical, parse_keys
from tests.store.evidence.conftest import SIGNED_AT, VALID_FROM, VALID_TO, make_key

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def test_a_new_key_is_private_and_loads_again(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "keys" / f"{key.key_id}.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    again = load_key(tmp_path / "keys", at=SIGNED_AT)
    assert again.published == key.published
    assert again.private.sign(b"x") == key.private.sign(b"x")


def test_the_newest_valid_key_signs(tmp_path: Path) -> None:
    old = make_key(tmp_path, seed=1)
    new = create_key(tmp_path, name="next", valid_from=SIGNED_AT, valid_to=VALID_TO)
    assert load_key(tmp_path, at=SIGNED_AT).key_id == new.key_id
    assert load_key(tmp_path, at=SIGNED_AT - timedelta(seconds=1)).key_id == old.key_id
    assert load_key(tmp_path, at=SIGNED_AT, key_id=old.key_id).key_id == old.key_id


@pytest.mark.parametrize("seed", range(2, 10))
def test_a_key_made_in_the_second_of_the_one_it_follows_is_the_newest(tmp_path: Path, seed: int) -> None:
    old, new = make_key(tmp_path, seed=1), make_key(tmp_path, seed=seed)
    retire_key(tmp_path, old.key_id, valid_to=VALID_FROM + timedelta(days=1))
    assert load_key(tmp_path, at=VALID_FROM).key_id == new.key_id


@pytest.mark.parametrize("at", [VALID_FROM - timedelta(seconds=1), VALID_TO])
def test_no_key_signs_outside_its_validity(tmp_path: Path, key: SigningKey, at: datetime) -> None:
    with pytest.raises(KeyUnusable, match="no key that is valid"):
        load_key(tmp_path / "keys", at=at)


def test_retired_and_revoked_keys_stay_published_and_sign_no_more(tmp_path: Path) -> None:
    one, two = make_key(tmp_path, seed=1), make_key(tmp_path, seed=2)
    retire_key(tmp_path, one.key_id, valid_to=SIGNED_AT)
    revoke_key(tmp_path, two.key_id, revoked_at=SIGNED_AT + timedelta(days=1))
    with pytest.raises(KeyUnusable):
        load_key(tmp_path, at=SIGNED_AT)
    states = {key.key_id: (key.valid_to, key.revoked_at) for key in published_keys(tmp_path)}
    assert states == {
        one.key_id: (SIGNED_AT, None),
        two.key_id: (VALID_TO, SIGNED_AT + timedelta(days=1)),
    }
    with pytest.raises(KeyUnusable):
        retire_key(tmp_path, "0" * 16, valid_to=SIGNED_AT)


def test_a_key_others_can_read_is_refused(tmp_path: Path, key: SigningKey) -> None:
    (tmp_path / "keys" / f"{key.key_id}.pem").chmod(0o640)
    with pytest.raises(KeyUnusable, match="others can read"):
        load_key(tmp_path / "keys", at=SIGNED_AT)


def test_damaged_missing_foreign_and_other_keys_are_refused(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "keys" / f"{key.key_id}.pem"
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content, why in [
        (b"-----BEGIN PRIVATE KEY-----\nnothing\n", "not a private key"),
        (generate_private_key(65537, 1024).private_bytes(*form), "not an Ed25519"),
        (Ed25519PrivateKey.from_private_bytes(b"7" * 32).private_bytes(*form), "not the pair"),
    ]:
        path.write_bytes(content)
        with pytest.raises(KeyUnusable, match=why):
            load_key(tmp_path / "keys", at=SIGNED_AT)
    path.unlink()
    with pytest.raises(KeyUnusable, match="cannot be opened"):
        load_key(tmp_path / "keys", at=SIGNED_AT)
    path.with_suffix(".json").write_text("{}")
    with pytest.raises(KeyUnusable, match="not a published key file"):
        load_key(tmp_path / "keys", at=SIGNED_AT)


def test_a_key_that_is_never_valid_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable):
        create_key(tmp_path, name="x", valid_from=VALID_TO, valid_to=VALID_FROM)
    assert list(tmp_path.iterdir()) == []


def test_published_keys_read_back_as_they_were(tmp_path: Path) -> None:
    keys = [make_key(tmp_path, seed=seed).published for seed in range(3)]
    assert parse_keys(publish(keys)) == keys


@pytest.mark.parametrize(
    "change",
    [
        {"key_id": "0" * 16},
        {"algorithm": "RSA"},
        {"public_key": "AAAA"},
        {"public_key": 3},
        {"valid_from": "2026-01-01"},
        {"revoked_at": "soon"},
    ],
    ids=str,
)
def test_a_key_file_with_a_wrong_field_is_refused(key: SigningKey, change: dict[str, object]) -> None:
    document = json.loads(publish([key.published]))
    document["keys"][0].update(change)
    with pytest.raises(Refused):
        parse_keys(json.dumps(document).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"schema":"marque-keys/1"}', b"\xff", b"[" * 100_000])
def test_what_is_no_key_file_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        parse_keys(data)


def test_the_same_key_twice_is_refused(key: SigningKey) -> None:
    with pytest.raises(Refused, match="twice"):
        parse_keys(publish([key.published, key.published]))


@given(JSON)
def test_seal_and_verifier_agree_on_every_byte(value: object) -> None:
    """Two implementations that share no code: the library's and the verifier's own."""
    sealed = seal({"value": value})
    assert sealed == rfc8785.dumps({"value": value}) == canonical_json({"value": value}).encode()  # type: ignore[dict-item]  # a test's own shape of the call
    assert parse_canonical(sealed) == {"value": value}


def test_names_are_ordered_by_utf16_units() -> None:
    assert seal({"\U0001f600": 1, "\ufb33": 2, "a": 3}).decode() == '{"a":3,"\U0001f600":1,"\ufb33":2}'


class Role(StrEnum):
    CAPTURE = "capture"


def test_tuples_and_text_enums_are_sealed_as_plain_json() -> None:
    assert seal({"roles": (Role.CAPTURE,)}) == b'{"roles":["capture"]}'


@pytest.mark.parametrize(
    "value",
    [0.97, float("nan"), 2**53, b"x", SIGNED_AT, {1: "a"}, "\ud800", {"a", "b"}],
    ids=lambda value: type(value).__name__,
)
def test_what_programs_read_differently_is_not_sealed(value: object) -> None:
    with pytest.raises(Unsealable):
        seal({"outer": [value]})


def test_nesting_without_end_is_not_sealed() -> None:
    value: list[object] = []
    for _ in range(10_000):
        value = [value]
    with pytest.raises(Unsealable):
        seal({"value": value})


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a":1, "b":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":-0}',
        b'{"a":1}\n',
        b"\xef\xbb\xbf{}",
        b"",
        b"[" * 100_000,
        b'{"a":' + b"1" * 5_000 + b"}",
    ],
    ids=lambda data: repr(data[:24]),
)
def test_the_verifier_accepts_only_canonical_bytes(data: bytes) -> None:
    with pytest.raises(Refused):
        parse_canonical(data)


def test_a_signature_covers_exactly_these_bytes(key: SigningKey) -> None:
    manifest = seal({"a": 1})
    statement = json.loads(sign(manifest, key, role="capture", at=SIGNED_AT))
    assert statement["signed_at"] == "2026-11-21T10:30:15Z"
    assert (statement["key_id"], statement["signer_role"]) == (key.key_id, "capture")
    public = key.private.public_key()
    public.verify(base64.b64decode(statement["signature"]), manifest)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(statement["signature"]), manifest + b" ")


def test_times_are_utc_and_never_naive() -> None:
    stockholm = timezone(timedelta(hours=1))
    assert write_time(datetime(2026, 11, 21, 0, 30, 5, 999_999, stockholm)) == "2026-11-20T23:30:05Z"
    assert write_time(datetime(2026, 11, 21, tzinfo=UTC)) == "2026-11-21T00:00:00Z"
    with pytest.raises(Unsealable):
        write_time(datetime(2026, 11, 21))  # noqa: DTZ001 -- the mistake under test
