"""
Puts hostile words into every crawled and entered field of items and writes them in every format: none takes effect.

    python -m tests.faults.injections 500 [--seed N] [--json]

The count is of payloads of each kind: spreadsheet formulas, new lines that would be headers or lines of a list,
control characters, marks that turn the direction of text.
"""

from __future__ import annotations

import argparse
import base64
import csv
import io
import json
import random
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

from xarf import schema_validator

from reports.batch import SignedNotice, build_batch
from reports.facts import ItemFacts
from reports.formats.table import FORMULA_STARTS
from store.records.comparisons import SignFamily
from store.records.notices import Notice, NoticeState
from tests import factories as make

BENIGN = "an honest word"
AT_ONCE = 25  # payloads in one batch, so that its page stays small


def formulas(chance: random.Random) -> str:
    """What a spreadsheet would run."""
    start = chance.choice([*FORMULA_STARTS, " =", "\t=", "\r\n=", "\u00a0=", "'=", '"=', ';="', ",="])
    body = chance.choice(
        ['HYPERLINK("http://e.example";"x")', "cmd|'/C calc'!A0", "SUM(1+1)*cmd", "IMPORTXML(1;2)", "1+1", "DDE(1)"]
    )
    return f"{start}{body}{chance.randrange(999)}"


def headers(chance: random.Random) -> str:
    """What would begin a new line, header or entry."""
    line = chance.choice(["\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\n\n", "%0d%0a", "\\r\\n"])
    body = chance.choice(
        [
            "Bcc: spy@e.example", "Subject: approved", "Content-Type: text/html", "# https://e.example/owned",
            "https://e.example/innocent", '","_internal":{"x":1},"a":"', "# Work: another", "--boundary", ".",
            "Signed by Nobody", "<script>alert(1)</script>", "{{ 7*7 }}", "{% include 'x' %}", "</title><img src=x>",
        ]
    )  # fmt: skip
    return f"word{line}{body}{chance.randrange(999)}"


def controls(chance: random.Random) -> str:
    """Letters that act and do not show."""
    signs = [chr(n) for n in (*range(32), *range(127, 160))] + ["\ufeff", "\u200b", "\u00ad", "\ue000", "\ud800"]
    return "".join(chance.choice([*signs, "a", "b", " "]) for _ in range(chance.randint(1, 20)))


def turns(chance: random.Random) -> str:
    """Marks of direction and of joining."""
    marks = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200c\u200d\u2060"
    return "".join(f"{chance.choice(marks)}{chance.choice(['exe', 'txt.', '1', 'gpj'])}" for _ in range(6))


KINDS: dict[str, Callable[[random.Random], str]] = {
    "formulas": formulas,
    "headers": headers,
    "controls": controls,
    "turns": turns,
}


@dataclass
class Tally:
    """What all payloads came to."""

    payloads: dict[str, int] = field(default_factory=dict)
    files: int = 0
    effective: list[str] = field(default_factory=list)  # must stay empty


def _item(number: int, word: str, *, goods: bool) -> ItemFacts:
    """A drafted item whose every word is the payload, addresses and mailboxes apart: rules refuse those."""
    scene = make.goods_scene(number, word) if goods else make.stream_scene(number, word)
    more = {"holder_sites": {word: "https://aurelia.example/"}, "forms": ("csv", "urls", "html", "tcrp", "xarf")}
    told = make.sign("same_words", SignFamily.TEXT, word, against=True, capture=scene.observation.capture)
    facts = make.facts_of(
        replace(
            scene,
            images=(),
            references=(),
            profile=make.profile("xarf-host").model_copy(update=more),
            holder=replace(scene.holder, legal_name=word),
            right=replace(scene.right, mark_text=word, goods=word, registration_number=word, right_ref=word),
            work=None if scene.work is None else replace(scene.work, title=word, identifiers=(word,)),
            seller=None if scene.seller is None else replace(scene.seller, platform_seller_id=word),
            finding=replace(
                scene.finding,
                counter_signs=(told,),
                signs=tuple(replace(sign, because=word) for sign in scene.finding.signs),
                grounds=tuple(replace(ground, because=word) for ground in scene.finding.grounds),
            ),
        ),
        sender=make.sender(agent=word, signatory=word),
    )
    return replace(facts, item=replace(facts.item, id=make.an_id("goods" if goods else "stream", number)))


def _signed(number: int, facts: ItemFacts) -> SignedNotice:
    notice = Notice(
        id=make.an_id("notice", number),
        number=number,
        case=facts.case.id,
        platform=facts.platform.name,
        profile=facts.profile.name,
        profile_version=1,
        regime=facts.profile.regime,
        right=facts.right.id,
        holder=facts.holder.id,
        agent=facts.sender.agent,
        language="en",
        state=NoticeState.APPROVED,
        items=(facts.item,),
        statements=facts.statements,
        signatory=facts.sender.signatory,
        signed_at=make.NOW,
        drafted_at=make.NOW,
        legal_basis=facts.legal_basis,
    )
    return SignedNotice(notice=notice, facts=(facts,))


def written(words: list[str]) -> dict[str, bytes]:
    """Every file of a batch with two items a word: an offer and a stream."""
    facts = [_item(n, word, goods=goods) for n, word in enumerate(words, 1) for goods in (True, False)]
    batch = build_batch(
        [_signed(number, each) for number, each in enumerate(facts, 1)],
        id=make.an_id("batch"),
        number=1,
        created_at=make.NOW,
        exercise=True,
        read=lambda _: b"",
        answer_code=lambda _: "A" * 16,
    )
    return batch.files


def _hidden(text: str) -> bool:
    return any(unicodedata.category(letter)[0] == "C" for letter in text.replace("\n", ""))


def _strings(value: Any) -> Iterator[str]:  # Any: JSON values
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


class _Tags(HTMLParser):
    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag, tuple(name for name, _ in attrs)] += 1


def _table(data: bytes, honest: bytes) -> Iterator[str]:
    rows, expected = (list(csv.reader(io.StringIO(each.decode(), newline=""))) for each in (data, honest))
    if [len(row) for row in rows] != [len(row) for row in expected]:
        yield "another shape"
    for cell in (cell for row in rows for cell in row):
        if cell.startswith(FORMULA_STARTS) or cell.lstrip().startswith(FORMULA_STARTS):
            yield f"a formula: {cell!r}"
        if _hidden(cell) or "\n" in cell:
            yield f"a hidden letter: {cell!r}"


def _list_of_works(data: bytes, honest: bytes) -> Iterator[str]:
    """Held against the list's own grammar: descriptions, the authorised address, copies."""
    lines, expected = data.decode().splitlines(), honest.decode().splitlines()
    if data.decode().split("\n") != [*lines, ""] or _hidden(data.decode()):
        yield "a hidden letter or line"
    for line, other in zip(lines, expected, strict=False):
        told = line.startswith(("# Work: ", "# About: "))
        if told != other.startswith(("# Work: ", "# About: ")) or (not told and line != other):
            yield f"a line of another kind: {line!r}"
    if len(lines) != len(expected):
        yield "another number of lines"


def _report(data: bytes, honest: bytes) -> Iterator[str]:
    found, expected = json.loads(data), json.loads(honest)
    for mistake in schema_validator.validate(found):
        yield f"not of the schema: {mistake.field}"
    if "_internal" in found or set(found) != set(expected) or len(found["evidence"]) != len(expected["evidence"]):
        yield f"other members: {sorted(set(found) ^ set(expected))}"
    for name in ("report_id", "source_identifier", "category", "type", "url", "infringing_url", "tags"):
        if found.get(name) != expected.get(name):
            yield f"another {name}"
    for party in ("reporter", "sender"):
        if found[party] != {**expected[party], "org": found[party]["org"]}:
            yield f"another {party}"
    said, honestly = (base64.b64decode(each["evidence"][0]["payload"]).decode() for each in (found, expected))
    if _hidden(said) or len(said.splitlines()) != len(honestly.splitlines()):
        yield "another statement"
    if any(_hidden(text) or "\n" in text for text in _strings(found)):
        yield "a hidden letter"


def effects(files: dict[str, bytes], honest: dict[str, bytes]) -> Iterator[str]:
    """What any payload managed; `honest` are the files of a batch of as many honest words."""
    names, others = ({name for name in each if not name.startswith("evidence/")} for each in (files, honest))
    if names != others:  # evidence is named by its digest, which no word can choose
        yield f"other files: {sorted(names ^ others)}"
    for name, data in files.items():
        other = honest.get(name, b"")
        if name.endswith(".csv"):
            found = list(_table(data, other))
        elif name == "urls.txt":
            found = [] if data == other else ["another list"]
        elif name.startswith("works-"):
            found = list(_list_of_works(data, other))
        elif name.startswith("xarf/"):
            found = list(_report(data, other))
        elif name == "index.html":
            same = _Tags(data).seen == _Tags(other).seen and not _hidden(data.decode())
            found = [] if same else ["other tags or a hidden letter"]
        elif name == "batch.json":
            found = ["a hidden letter"] if any(_hidden(text) for text in _strings(json.loads(data))) else []
        else:
            found = []
        yield from (f"{name}: {each}" for each in found)


def run(count: int, seed: int) -> Tally:
    """Write `count` payloads of each kind."""
    tally = Tally()
    honest: dict[int, dict[str, bytes]] = {}
    for kind, payload in KINDS.items():
        chance = random.Random(f"{seed} {kind}")
        words = [payload(chance) for _ in range(count)]
        for start in range(0, count, AT_ONCE):
            some = words[start : start + AT_ONCE]
            files = written(some)
            tally.files += len(files)
            if len(some) not in honest:
                honest[len(some)] = written([BENIGN] * len(some))
            tally.effective += [f"{kind}: {each}" for each in effects(files, honest[len(some)])]
        tally.payloads[kind] = count
    return tally


def main() -> int:
    """Run the full count and say what became of it."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("count", type=int)
    reader.add_argument("--seed", type=int, default=20261122)
    reader.add_argument("--json", action="store_true")
    given = reader.parse_args()
    tally = run(given.count, given.seed)
    if given.json:
        sys.stdout.write(json.dumps(asdict(tally)) + "\n")
    else:
        sys.stdout.write(f"{tally.payloads} in {tally.files} files: {len(tally.effective)} effective\n")
        sys.stdout.writelines(f"! {each}\n" for each in tally.effective[:20])
    return 1 if tally.effective else 0


if __name__ == "__main__":
    raise SystemExit(main())
