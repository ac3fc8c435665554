"""One platform proved: its file, its rules, and each saved page held against what must be read on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.declarations import load_declarations
from config.platform import Platform
from config.settings import Settings
from crawler.extract.check import broken_rules
from crawler.proof import SHIPPED_CASES, Proof, cases_of, prove


def examine_platform(settings: Settings, name: str, real_pages: Path | None) -> dict[str, Any]:
    """
    What is wrong with a platform (`problems`), what is open (`remarks`), and what each rule read on each saved page.

    `ok` only without problems. Raises `MissingDeclaration`, the file's mistake, and `BadCase`.
    """
    declarations = load_declarations(settings)
    platform = declarations.platform(name)
    problems = [str(broken) for broken in broken_rules(platform)]
    if platform.notify.profile is not None:
        declarations.profile(platform.notify.profile)
    problems.extend(_reach_problems(platform))
    cases = [case for folder in (SHIPPED_CASES, settings.platforms) for case in cases_of(folder / name, real_pages)]
    proofs = [prove(case, platform) for case in cases] if not problems else []
    if not cases:
        problems.append("no saved case; `marque platforms new` saves some, or add <name>/<case>/ by hand")
    for proof in proofs:
        problems.extend(
            f"{proof.case.name}: {h.field} is {h.found!r}, not {h.expected!r}" for h in proof.held if not h.right
        )
    remarks = [f"{proof.case.name}: {proof.case.absent}" for proof in proofs if proof.case.absent is not None]
    unchecked = [case.name for case in cases if not case.checked_by_hand]
    if unchecked:
        remarks.append(f"{', '.join(unchecked)}: what is expected was read by the rules; compare it with the pages")
    if platform.reach.terms_read_on is None and not platform.is_loopback:
        remarks.append("reach.terms_read_on is not set: read the terms of use, then say when")
    return {
        "name": name,
        "ok": not problems,
        "problems": problems,
        "remarks": remarks,
        "expectations": sum(len(proof.held) for proof in proofs),
        "held": sum(each.right for proof in proofs for each in proof.held),
        "cases": [_as_json(proof) for proof in proofs],
    }


def _reach_problems(platform: Platform) -> list[str]:
    found = []
    if platform.reach.by == "crawl":
        if platform.reach.robots_read_on is None:
            found.append("reach.robots_read_on is not set: read robots.txt and the terms, then say when")
        if not (platform.look.search or platform.look.category or platform.look.start):
            found.append("look has neither search nor category nor start: nothing would be fetched")
    return found


def _as_json(proof: Proof) -> dict[str, Any]:
    return {
        "name": proof.case.name,
        "url": proof.case.url,
        "checked_by_hand": proof.case.checked_by_hand,
        "absent": proof.case.absent,
        "held": [
            {
                "field": each.field,
                "right": each.right,
                "found": each.found,
                "expected": each.expected,
                "rule": each.rule,
                "where": each.where,
            }
            for each in proof.held
        ],
    }
