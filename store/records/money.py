"""An amount of money with its currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

# Currencies whose minor unit is not a hundredth. Source: ISO 4217, active list.
MINOR_DIGITS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
    "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in a currency (ISO 4217 code)."""

    amount: Decimal
    currency: str

    @property
    def minor(self) -> int:
        """The amount in the currency's smallest unit, rounded half to even: 12.50 EUR is 1250."""
        return int((self.amount * 10 ** MINOR_DIGITS.get(self.currency, 2)).to_integral_value())

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Money:
        """The amount that `minor` smallest units make: 1250 in EUR is 12.50."""
        digits = MINOR_DIGITS.get(currency, 2)
        return cls(amount=Decimal(minor).scaleb(-digits), currency=currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
