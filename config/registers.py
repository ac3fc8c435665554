"""Where registers of rights show one entry: addresses by office and kind, as data with their source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, model_validator

from config.declaration import Declaration, check, read_toml
from config.profile import Basis
from store.records.rights import Right, RightKind

SHIPPED = Path(__file__).parent / "registers.toml"


class Register(Declaration):
    """One register's page of one entry."""

    office: str = Field(pattern=r"^[A-Z]{2}$")  # WIPO ST.3 code
    names: tuple[str, ...] = ()  # what people write for the office, in capitals
    kind: RightKind
    number: str  # the whole form of the number, with one group: what stands in the address
    width: int | None = Field(default=None, ge=1, le=20)  # filled up with zeros from the left
    url: str = Field(pattern=r"^https://[^{}\s]+\{number\}[^{}\s]*$")
    source: str
    basis: Basis

    @model_validator(mode="after")
    def _one_group(self) -> Register:
        try:
            groups = re.compile(self.number).groups
        except re.error as error:
            raise ValueError(f"number: not a regular expression: {error}") from error
        if groups != 1:
            raise ValueError("number: exactly one group says what stands in the address")
        return self


class _Registers(Declaration):
    registers: tuple[Register, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """The page of one right in its register, or why there is none to give."""

    url: str | None = None
    because: str | None = None  # why there is no address; None where there is one
    basis: Basis | None = None  # how the form of the address is known


Registers = tuple[Register, ...]


def load_registers(own: Path) -> Registers:
    """The workspace's own addresses before the shipped ones. Raises the mistake of a broken file."""
    mine = check(_Registers, read_toml(own), str(own)).registers if own.exists() else ()
    return (*mine, *check(_Registers, read_toml(SHIPPED), str(SHIPPED)).registers)


def page_of(right: Right, registers: Registers) -> RegisterPage:
    """Where the register shows a right. An address is never guessed: what is not declared has none, and says so."""
    if not right.office or not right.registration_number:
        return RegisterPage(because="it stands in no register, or its number is not known here")
    office = " ".join(right.office.upper().split())
    known = [each for each in registers if office in (each.office, *each.names) and each.kind is right.kind]
    if not known:
        return RegisterPage(because=f"the address of the register of {right.office} is not known here")
    number = re.sub(r"[\s.,/]", "", right.registration_number).upper()
    for register in known:
        found = re.fullmatch(register.number, number)
        if found:
            named = found[1].zfill(register.width or 0)
            return RegisterPage(url=register.url.replace("{number}", named), basis=register.basis)
    return RegisterPage(because=f"its number is not of the form that the address of {right.office} takes")
