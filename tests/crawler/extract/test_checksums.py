"""A wallet's address is told from a string of its length by its checksum alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.checksums import is_base58check, is_bech32, is_ethereum, is_gtin, keccak_256

# Published examples: the Keccak team's empty message, EIP-55, BIP 173, BIP 350 and the first block's reward.
ETHEREUM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
BECH32 = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
BECH32M = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
BASE58 = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"


def test_the_digest_is_the_published_one() -> None:
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@pytest.mark.parametrize(
    ("check", "address"),
    [(is_ethereum, ETHEREUM), (is_bech32, BECH32), (is_bech32, BECH32M), (is_base58check, BASE58)],
)
def test_a_published_address_holds_and_no_change_of_one_letter_does(check, address: str) -> None:  # type: ignore[no-untyped-def]  # one of three functions
    assert check(address)
    for place in range(6, len(address)):
        other = "q" if address[place].lower() != "q" else "p"
        if check is is_ethereum:
            other = "A" if address[place] != "A" else "B"
        assert not check(address[:place] + other + address[place + 1 :])


@given(st.text(max_size=100))
def test_no_text_breaks_a_check(text: str) -> None:
    for check in (is_base58check, is_bech32):
        assert check(text) in (True, False)
    assert is_ethereum("0x" + text) in (True, False)


@pytest.mark.parametrize(
    "digits", ["96385074", "036000291452", "4006381333931", "10614141000415", "0306406152", "043942089X"]
)
def test_a_printed_item_number_holds_and_no_change_of_one_digit_does(digits: str) -> None:
    assert is_gtin(digits)
    for place, sign in enumerate(digits[:-1]):
        assert not is_gtin(digits[:place] + str((int(sign) + 1) % 10) + digits[place + 1 :])


def test_zeros_are_no_item_number() -> None:
    assert not is_gtin("0000000000000")
