import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.evidence.capture_log import path_of, root_of, seal_captures, write_proofs
from store.evidence.seal import SigningKey, canonical
from store.evidence.verify import Refused, leaf_hash, node_hash, root_from_path
from tests.store.evidence.conftest import SIGNED_AT


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def test_the_tree_is_that_of_rfc_9162() -> None:
    """Test vectors of the certificate transparency project, whose tree it is."""
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [leaf_hash(bytes.fromhex(each)) for each in inputs]
    assert leaves[0].hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of(leaves[:3]).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert root_of(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(st.integers(1, 70), st.data())
def test_every_leaf_leads_to_the_root_by_its_path_and_no_other_does(count: int, data: st.DataObject) -> None:
    leaves = leaves_of(count)
    index = data.draw(st.integers(0, count - 1))
    root, path = root_of(leaves), path_of(leaves, index)
    assert root_from_path(leaves[index], index, count, path) == root
    assert root_from_path(leaf_hash(b"another"), index, count, path) != root
    for wrong in (count, -1, count + 5):
        with pytest.raises(Refused, match="place"):
            root_from_path(leaves[index], wrong, count, path)
    if path:
        with pytest.raises(Refused, match="length"):
            root_from_path(leaves[index], index, count, path[:-1])
    with pytest.raises(Refused, match="length"):
        root_from_path(leaves[index], index, count, [*path, bytes(32)])


def test_a_node_is_never_taken_for_a_leaf() -> None:
    left, right = leaves_of(2)
    assert leaf_hash(left + right) != node_hash(left, right)


def test_a_seal_states_root_times_and_authorities(key: SigningKey) -> None:
    records = [{"id": str(number), "files": []} for number in range(5)]
    captured = (SIGNED_AT - timedelta(minutes=3), SIGNED_AT - timedelta(minutes=1))
    sealed = seal_captures(records, captured=captured, key=key, authorities=["b", "a"], at=SIGNED_AT)
    statement = json.loads(sealed.statement)
    assert statement["log"] == {"leaves": 5, "root": root_of(sealed.leaves).hex()}
    assert statement["captured"] == {"from": "2026-11-21T10:27:15Z", "to": "2026-11-21T10:29:15Z"}
    assert statement["seal"]["authorities"] == ["a", "b"]
    key.private.public_key().verify(sealed.signature, sealed.statement)
    proofs = json.loads(write_proofs(sealed.leaves, {"captures/01/capture.json": 3}))
    proof = proofs["captures/01/capture.json"]
    path = [bytes.fromhex(step) for step in proof["path"]]
    assert root_from_path(leaf_hash(canonical(records[3])), proof["index"], 5, path) == root_of(sealed.leaves)


def test_nothing_makes_no_seal(key: SigningKey) -> None:
    with pytest.raises(ValueError, match="no capture"):
        seal_captures([], captured=(SIGNED_AT, SIGNED_AT), key=key, authorities=[], at=SIGNED_AT)
