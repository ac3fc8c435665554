"""The contract of every signal: its examples hold, and its signs are fit to be shown."""

from __future__ import annotations

import pytest

from matching.signals.every import SIGNALS, Signal
from matching.signals.examples import Example
from tests.matching.registered import POLICY, build

CASES = [(signal, example) for signal in SIGNALS for example in signal.examples]


@pytest.mark.parametrize(("signal", "example"), CASES, ids=[f"{s.name}: {e.why}" for s, e in CASES])
def test_examples_hold(signal: Signal, example: Example) -> None:
    pairs = build(example).pairs
    signs = [sign for pair in pairs for sign in signal.read(pair)]
    assert bool(signs) is example.speaks, [sign.because for sign in signs]
    for sign in signs:
        assert 0 <= sign.strength <= 1
        assert sign.because.endswith(".")
        assert sign.signal in POLICY.identity.weights, f"{sign.signal} has no weight in policy.toml"


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_every_signal_explains_itself(signal: Signal) -> None:
    assert len(signal.explanation) > 80
    assert any(not example.speaks for example in signal.examples)


def test_every_weight_belongs_to_a_sign_that_some_signal_gives() -> None:
    given = {
        sign.signal for _, example in CASES for pair in build(example).pairs for s in SIGNALS for sign in s.read(pair)
    }
    # These need pictures; their signs are covered in test_compare, test_logos and test_printed_words.
    assert set(POLICY.identity.weights) - given <= {"photo", "negative_reference", "logo", "mark_in_photo"}
