import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.evidence.custody import (
    CHAIN_START,
    ChainedEvent,
    chain,
    chain_hash,
    link,
    read_log,
    verify_chain,
    write_log,
)
from store.evidence.errors import UnchainableEvent
from store.evidence.seal import canonical

EVENTS = [{"seq": n, "actor": "officer", "action": "viewed", "note": f"page {n}"} for n in range(8)]
EVENT = st.dictionaries(st.text("abc", max_size=2), st.integers(-9, 9) | st.text("xyz", max_size=3), max_size=3)


def test_the_hash_can_be_recomputed_by_hand() -> None:
    event = {"b": 1, "a": "x"}
    by_hand = hashlib.sha256(b"marque-custody-1\x00" + bytes(32) + b'{"a":"x","b":1}').hexdigest()
    assert chain(CHAIN_START, event) == chain_hash(CHAIN_START, canonical(event)) == by_hand


@settings(max_examples=40)
@given(events=st.lists(EVENT, max_size=8))
def test_a_chain_as_written_is_whole(events: list[dict[str, int | str]]) -> None:
    chained = list(link(events))
    head = chained[-1].hash if chained else CHAIN_START
    assert verify_chain(chained, head=head) is None
    assert read_log(write_log(chained)) == chained


@settings(max_examples=40)
@given(data=st.data(), events=st.lists(EVENT, min_size=2, max_size=8))
def test_any_change_is_found_where_it_was_made(data: st.DataObject, events: list[dict[str, int | str]]) -> None:
    chained = list(link(events))
    at = data.draw(st.integers(0, len(chained) - 1))
    changed = data.draw(EVENT.filter(lambda event: event != chained[at].event))
    chained[at] = ChainedEvent(prev_hash=chained[at].prev_hash, event=changed, hash=chained[at].hash)
    broken = verify_chain(chained)
    assert broken is not None
    assert broken.position == at


@pytest.mark.parametrize("at", range(len(EVENTS)))
def test_taking_out_or_doubling_any_event_is_found(at: int) -> None:
    chained = list(link(EVENTS))
    head = chained[-1].hash
    assert verify_chain(chained[:at] + chained[at + 1 :], head=head) is not None
    assert verify_chain([*chained[: at + 1], *chained[at:]], head=head) is not None


def test_a_rebuilt_chain_and_a_cut_end_need_the_head_to_be_found() -> None:
    chained = list(link(EVENTS))
    forged = list(link([{**EVENTS[0], "actor": "nobody"}, *EVENTS[1:]]))
    for changed in (chained[:-1], forged, []):
        assert verify_chain(changed) is None
        broken = verify_chain(changed, head=chained[-1].hash)
        assert broken is not None
        assert broken.position == len(changed)


def test_a_chain_may_start_after_an_earlier_part() -> None:
    first = list(link(EVENTS[:3]))
    second = list(link(EVENTS[3:], prev_hash=first[-1].hash))
    assert verify_chain([*first, *second]) is None
    assert verify_chain(second, start=first[-1].hash) is None
    assert verify_chain(second) is not None


def test_events_without_a_canonical_form_are_refused() -> None:
    with pytest.raises(UnchainableEvent):
        chain(CHAIN_START, {"score": 0.5})
    with pytest.raises(UnchainableEvent):
        chain("no hash", {})


@pytest.mark.parametrize("line", [b"{}", b"[]", b"nothing", b'{"event":{},"hash":"x"}', b'{"event": {}}'])
def test_lines_that_are_no_event_are_refused(line: bytes) -> None:
    with pytest.raises(UnchainableEvent, match="line 1"):
        read_log(line + b"\n")
