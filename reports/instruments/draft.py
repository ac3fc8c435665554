"""
An instrument from a form and what is known. Pure.

Where a person gives words for an element, these stand, and the person is what carries them.
"""

from __future__ import annotations

from collections.abc import Mapping

from config.instrument_form import Fill, FormElement, InstrumentForm
from config.profile import Basis
from reports.errors import UnknownElement
from reports.formats.plain import plain
from reports.instruments.brief import Brief, Told, tell
from store.records.instruments import Section

WORDS_MOST = 4_000  # of one element that a person writes; a page or two (chosen)
MISSING = "MISSING: nobody has said this yet; it cannot be issued without it."


def fill_sections(form: InstrumentForm, brief: Brief, given: Mapping[str, str], by: str) -> tuple[Section, ...]:
    """Every element of the form with its words. Raises `UnknownElement`."""
    for code in given:
        if code not in form.given:
            raise UnknownElement(form.name, code, form.given)
    known = tell(brief)
    return tuple(_section(element, known, given.get(element.code, ""), by) for element in form.elements)


def _section(element: FormElement, known: Mapping[Fill, Told], given: str, by: str) -> Section:
    lines = tuple(plain(line, WORDS_MOST) for line in given.splitlines() if line.strip())
    if lines:
        told = Told(lines=lines, sources=(f"words of {plain(by, 120)}",))
    elif element.fill is Fill.TEXT:
        told = Told(lines=(element.words or "",), sources=("the form",))
    else:
        told = known.get(element.fill, Told())
    return Section(
        code=element.code,
        label=element.label,
        lines=told.lines,
        sources=told.sources,
        required=element.required,
        citation=element.citation,
        basis=element.basis.value,
    )


def write_text(form: InstrumentForm, number: int, case: int, sections: tuple[Section, ...], drafted: str) -> str:
    """The instrument as one plain text, with what is missing and what is named from memory said in it."""
    out = [form.title, "=" * len(form.title), "", f"Draft {number} of {drafted}, case {case}. To: {form.addressee}."]
    if form.issuer == "authority":
        out.append("It becomes an order or request only when the competent authority signs and issues it.")
    if form.force:
        out += ["", form.force]
    for place, section in enumerate(sections, 1):
        if not section.lines and not section.required:
            continue
        out += ["", f"{place}. {section.label}"]
        out += [f"   {line}" for line in section.lines or (MISSING,)]
        if section.lines and section.sources:
            out.append(f"   (rests on: {'; '.join(section.sources)})")
    out += ["", form.closing, "", "What demands each part"]
    for place, section in enumerate(sections, 1):
        told = f"{section.citation}; {_READ[Basis(section.basis)]}" if section.citation else "nothing prescribes it"
        out.append(f"   {place}. {told}")
    return "\n".join(out) + "\n"


_READ = {
    Basis.OFFICIAL: "official text read",
    Basis.THIRD_PARTY: "read as described by others",
    Basis.MEMORY: "named from memory",
}
