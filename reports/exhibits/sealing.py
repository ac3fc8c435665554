"""
Seals captures while they are fresh, and asks time authorities for tokens, again and again until they are there.

A seal covers what was captured since the last one. It is entered before an authority is asked: until every token has
come, its captures are `unsealed_time`, and nothing ever pretends otherwise.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from config.errors import UnsafeDeclaration
from config.time_authorities import FOLDER, load_time_authorities
from store.db.capture_seals import CaptureSeals, add_seal, enter_tokens, types_that_stood, unsealed
from store.db.session import Database
from store.evidence.capture_log import seal_captures
from store.evidence.capture_record import record_of
from store.evidence.errors import NoToken
from store.evidence.seal import SigningKey, canonical
from store.evidence.timestamp import Ask, Stamp, TimeAuthority, ask_for_token
from store.evidence.vault import Vault
from store.evidence.verify import Refused, parse_canonical, parse_roots
from store.records.ids import Clock, NewId
from store.records.scope import EVERYTHING
from store.records.seals import CaptureSealRow, SealedLeaf, TimeTokenRow

# Rows of one write transaction stay under 500; a page a second is under 300 captures between two seals.
CAPTURES_A_SEAL = 400
# Chosen: an authority that is down is asked after 1, 2, 4 ... minutes, then every hour.
LONGEST_WAIT = timedelta(hours=1)


def authorities_of(home: Path) -> list[TimeAuthority]:
    """The time authorities of a workspace, by name. Raises `DeclarationError` for one that cannot be used."""
    found = []
    for declared in load_time_authorities(home):
        try:
            roots = tuple(parse_roots(declared.roots_pem))
        except Refused as error:
            raise UnsafeDeclaration(str(home / FOLDER / f"{declared.name}.toml"), f"its roots: {error}") from error
        found.append(TimeAuthority(name=declared.name, url=declared.url, roots=roots, qualified=declared.qualified))
    return found


def seal_new_captures(
    database: Database,
    vault: Vault,
    *,
    key: SigningKey,
    authorities: Sequence[TimeAuthority],
    ask: Ask,
    clock: Clock,
    ids: NewId,
    only: Sequence[str] | None = None,
) -> list[str]:
    """
    Seal every capture that stands in no seal, or those of `only`; gives the ids of the seals.

    Vault first, then the ledger, then the authorities: killed anywhere, the next run goes on.
    """
    made = []
    while True:
        with database.read() as connection:
            captures = unsealed(connection, CAPTURES_A_SEAL, only)
            stood = types_that_stood(connection, captures)
        if not captures:
            break
        records = [record_of(capture, stood.get(capture.id)) for capture in captures]
        times = [capture.fetched_at for capture in captures]
        sealed = seal_captures(
            records,
            captured=(min(times), max(times)),
            key=key,
            authorities=[authority.name for authority in authorities],
            at=clock(),
        )
        kept = [vault.put(canonical(record)) for record in records]
        row = CaptureSealRow(
            id=ids(),
            statement_sha256=vault.put(sealed.statement),
            signature_sha256=vault.put(sealed.signature_json),
            leaves_sha256=vault.put(b"".join(sealed.leaves)),
            key_id=key.key_id,
            leaves=len(records),
            authorities=tuple(sorted(authority.name for authority in authorities)),
            captured_from=min(times),
            captured_to=max(times),
            sealed_at=clock(),
            next_at=clock() if authorities else None,
        )
        leaves = [
            SealedLeaf(capture=capture.id, seal=row.id, position=place, record_sha256=digest)
            for place, (capture, digest) in enumerate(zip(captures, kept, strict=True))
        ]
        vault.flush()
        with database.write() as connection:
            add_seal(connection, row, leaves)
        made.append(row.id)
    if made:
        ask_again(database, vault, authorities, ask=ask, clock=clock)
    return made


def ask_again(
    database: Database,
    vault: Vault,
    authorities: Sequence[TimeAuthority],
    *,
    ask: Ask,
    clock: Clock,
    everything: bool = False,
) -> int:
    """Ask for missing tokens that are due, or for all with `everything`; gives how many seals still lack one."""
    known = {authority.name: authority for authority in authorities}
    with database.read() as connection:
        seals = CaptureSeals(connection, EVERYTHING)
        waiting = seals.lacking() if everything else seals.due(clock())
    for seal in waiting:
        signature = _signature(vault.get(seal.signature_sha256))
        have = {token.authority for token in seal.tokens}
        rows, reasons = [], []
        for name in seal.authorities:
            if name in have:
                continue
            if name not in known:
                reasons.append(f"{name}: no longer declared in {FOLDER}/")
                continue
            try:
                stamp = ask_for_token(known[name], signature, ask=ask, now=clock)
            except NoToken as error:
                reasons.append(str(error))
                continue
            rows.append(_token_row(vault, stamp, known[name]))
        vault.flush()
        tries = seal.tries + 1
        wait = min(timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_WAIT)
        with database.write() as connection:
            enter_tokens(
                connection,
                seal.id,
                rows,
                tries=tries,
                next_at=clock() + wait if reasons else None,
                because="; ".join(reasons) or None,
            )
    with database.read() as connection:
        return len(CaptureSeals(connection, EVERYTHING).lacking())


def _token_row(vault: Vault, stamp: Stamp, authority: TimeAuthority) -> TimeTokenRow:
    return TimeTokenRow(
        authority=stamp.authority,
        query_sha256=vault.put(stamp.query),
        response_sha256=vault.put(stamp.response),
        stamped_at=stamp.token.gen_time,
        qualified=authority.qualified,
    )


def _signature(signature_json: bytes) -> bytes:
    """The bare signature in a signature file."""
    return base64.b64decode(parse_canonical(signature_json)["signature"], validate=True)
