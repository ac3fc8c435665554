"""Checksums that tell a wallet's address or a trade item number from any other string of its length."""

from __future__ import annotations

from hashlib import sha256

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_SUMS = (1, 0x2BC830A3)  # Bech32 and Bech32m: BIP 173 and BIP 350

_ROUNDS = (
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
)  # fmt: skip
_SHIFTS = ((0, 36, 3, 41, 18), (1, 44, 10, 45, 2), (62, 6, 43, 15, 61), (28, 55, 25, 21, 56), (27, 20, 39, 8, 14))
_WORD = (1 << 64) - 1
_RATE = 136  # bytes taken in at once by a 256-bit digest


def is_base58check(text: str) -> bool:
    """Whether a Base58Check string of 25 bytes carries its own checksum. Source: Bitcoin's address format."""
    number = 0
    for letter in text:
        place = _BASE58.find(letter)
        if place < 0:
            return False
        number = number * 58 + place
    if number.bit_length() > 200:
        return False
    raw = number.to_bytes(25, "big")
    return sha256(sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def is_bech32(text: str) -> bool:
    """Whether a segregated witness address carries its own checksum. Source: BIP 173 and BIP 350."""
    if text != text.lower() and text != text.upper():
        return False
    human, _, data = text.lower().rpartition("1")
    if not human or len(data) < 6 or any(letter not in _BECH32 for letter in data):
        return False
    values = [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human] + [_BECH32.index(c) for c in data]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, part in enumerate(_GENERATOR):
            check ^= part if (top >> bit) & 1 else 0
    return check in _BECH32_SUMS


def is_ethereum(text: str) -> bool:
    """
    Whether `0x` and forty digits can be an account: in one case, or in the mixed case that is its checksum.

    Source: EIP-55.
    """
    digits = text.removeprefix("0x")
    if len(digits) != 40 or set(digits.lower()) <= {"0"}:
        return False
    if digits in (digits.lower(), digits.upper()):
        return len(set(digits.lower())) > 4  # a run of a few digits is filler
    digest = keccak_256(digits.lower().encode()).hex()
    return all(
        not letter.isalpha() or letter.isupper() == (int(mark, 16) >= 8)
        for letter, mark in zip(digits, digest, strict=False)
    )


def keccak_256(message: bytes) -> bytes:
    """The Keccak-256 digest as Ethereum uses it, its padding older than SHA-3's. Source: Keccak, version 3."""
    lanes = [[0] * 5 for _ in range(5)]
    padded = message + b"\x01" + bytes(-(len(message) + 1) % _RATE)
    padded = padded[:-1] + bytes((padded[-1] | 0x80,))
    for start in range(0, len(padded), _RATE):
        for place in range(_RATE // 8):
            lane = padded[start + 8 * place : start + 8 * place + 8]
            lanes[place % 5][place // 5] ^= int.from_bytes(lane, "little")
        _permute(lanes)
    return b"".join(lanes[place % 5][place // 5].to_bytes(8, "little") for place in range(4))


def _permute(lanes: list[list[int]]) -> None:
    for constant in _ROUNDS:
        columns = [lanes[x][0] ^ lanes[x][1] ^ lanes[x][2] ^ lanes[x][3] ^ lanes[x][4] for x in range(5)]
        mixed = [columns[(x - 1) % 5] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
        moved = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                moved[y][(2 * x + 3 * y) % 5] = _turned(lanes[x][y] ^ mixed[x], _SHIFTS[x][y])
        for x in range(5):
            for y in range(5):
                lanes[x][y] = moved[x][y] ^ (~moved[(x + 1) % 5][y] & moved[(x + 2) % 5][y] & _WORD)
        lanes[0][0] ^= constant


def _turned(word: int, by: int) -> int:
    return ((word << by) | (word >> (64 - by))) & _WORD if by else word


def is_gtin(digits: str) -> bool:
    """Whether a GTIN-8, -12, -13 or -14, or an ISBN-10, carries its own check digit. Source: GS1, ISO 2108:1992."""
    if len(digits) == 10:
        values = [10 if sign in "Xx" else int(sign) for sign in digits]
        return sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 11 == 0
    if not digits.strip("0"):
        return False  # what a form leaves where nobody filled it
    return sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(reversed(digits))) % 10 == 0
