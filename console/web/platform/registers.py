"""Where a register of rights shows one entry, so that a recipient can look for itself."""

from __future__ import annotations

from store.records.rights import Right, RightKind

# By WIPO ST.3 code. Basis: memory, not read at the registers; an office that is not here gets no link, not a guess.
TRADE_MARKS = {
    "EM": "https://euipo.europa.eu/eSearch/#details/trademarks/{number}",
    "US": "https://tsdr.uspto.gov/#caseNumber={number}&caseType=US_REGISTRATION_NO&searchType=statusSearch",
    "WO": "https://www3.wipo.int/madrid/monitor/en/showData.jsp?ID=ROM.{number}",
}


def register_link(right: Right | None) -> str | None:
    """The register's page of a trade mark; None for other rights and for offices whose addresses are not known."""
    if right is None or right.kind is not RightKind.TRADEMARK or not right.registration_number:
        return None
    form = TRADE_MARKS.get(right.office or "")
    number = "".join(sign for sign in right.registration_number if sign.isascii() and sign.isalnum())
    return form.format(number=number) if form and number else None
