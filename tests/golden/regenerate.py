"""
Golden files: one notice and one whole batch per shipped profile, byte for byte.

    make golden            (that is: python -m tests.golden.regenerate)

writes them anew; the difference is reviewed like code. Clock, ids and the signing key are fixed, so that the same
code gives the same bytes. They also hold what a recipient sees: open `batches/<profile>/index.html`.
"""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from cases.decisions import decide
from cases.run import build_cases
from config.platform import Notify
from reports.run import export_batches, prepare
from reports.signing import approve, sign
from store.db.notices import Notices
from store.db.session import Database, migrate
from store.evidence.seal import create_key
from store.evidence.vault import Vault
from store.records import codec
from store.records.cases import Verdict
from store.records.comparisons import SignFamily
from store.records.findings import InfringementClass
from store.records.scope import EVERYTHING
from tests import factories as make

GOLDEN = Path(__file__).parent
HOSTILE = '=HYPERLINK("http://e.example";"x") AURELIA <script>alert(1)</script> replica\u202e'


def _doubtful(scene: make.Scene) -> make.Scene:
    """The same scene with something that speaks for the seller."""
    against = make.sign(
        "used_words",
        SignFamily.TEXT,
        "The text says that the article was worn twice",
        against=True,
        capture=scene.observation.capture,
    )
    return replace(scene, finding=replace(scene.finding, counter_signs=(against,)))


def scenes_of(profile: str) -> tuple[make.Scene, ...]:
    """What the golden batch of a profile is about."""
    recipient = make.profile(profile)
    scenes: tuple[make.Scene, ...] = (make.stream_scene(1),)
    if InfringementClass.COUNTERFEIT in recipient.classes:
        scenes = (make.goods_scene(1), _doubtful(make.goods_scene(2)), make.goods_scene(3, HOSTILE))
    most = recipient.limits.items_per_notice
    scenes = scenes[-most:] if most else scenes  # one notice, whole
    platform = scenes[0].platform.model_copy(update={"notify": Notify(profile=profile)})
    return tuple(make.placed(replace(scene, platform=platform, profile=recipient)) for scene in scenes)


@cache
def _empty_ledger() -> bytes:
    """A ledger with every table and no row; made once, because that takes half of the time of a golden file."""
    with tempfile.TemporaryDirectory(prefix="marque-golden-") as folder:
        path = Path(folder) / "marque.db"
        with Database(f"sqlite:///{path}") as database:
            migrate(database)
        return path.read_bytes()


@contextmanager
def _workspace() -> Iterator[tuple[Database, Vault, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="marque-golden-"))
    try:
        (folder / "marque.db").write_bytes(_empty_ledger())
        with Database(f"sqlite:///{folder / 'marque.db'}") as database, Vault(folder / "vault") as vault:
            yield database, vault, folder
    finally:
        shutil.rmtree(folder)


def render(profile: str) -> dict[str, bytes]:
    """Every golden file of one profile, by its name under this folder, made by the real stages."""
    numbers, seconds = itertools.count(1), itertools.count()

    def ids() -> str:
        return f"00000000-0000-7000-8000-{next(numbers):012d}"

    def clock() -> datetime:
        return make.NOW + timedelta(seconds=next(seconds))

    scenes = scenes_of(profile)
    declared = make.declarations(platforms=(scenes[0].platform,))
    with _workspace() as (database, vault, folder):
        key = create_key(
            folder / "keys",
            name="Golden office",
            valid_from=make.NOW - timedelta(days=1),
            valid_to=make.NOW + timedelta(days=365),
            random_bytes=bytes,
        )
        for scene in scenes:
            make.store_scene(database, vault, scene, decided=False)
        build_cases(database, declared, clock=clock, ids=ids)
        for scene in scenes:
            decide(database, [scene.finding.id], Verdict.CONFIRM, by="Ann Example", clock=clock, ids=ids)
        prepare(database, vault, declared, sender=make.sender(), clock=clock, ids=ids)
        (notice,) = _notices(database)
        approve(database, notice, by="Bo Example", clock=clock, ids=ids)
        sign(database, notice, by=make.PERSON, clock=clock, ids=ids)
        (batch,) = export_batches(
            database,
            vault,
            declared,
            sender=make.sender(),
            out=folder / "out",
            key=key,
            answer_key=make.ANSWER_KEY,
            clock=clock,
            ids=ids,
        )
        sealed = folder / batch.path
        files = {
            f"batches/{profile}/{path.relative_to(sealed).as_posix()}": path.read_bytes()
            for path in sorted(sealed.rglob("*"))
            if path.is_file()
        }
        with database.read() as connection:
            whole = codec.to_json(Notices(connection, EVERYTHING).get(notice))
        files[f"notices/{profile}.json"] = (json.dumps(whole, indent=1, ensure_ascii=True) + "\n").encode()
    return files


def _notices(database: Database) -> list[str]:
    with database.read() as connection:
        return [notice.id for notice in Notices(connection, EVERYTHING).find()]


def main(say: Callable[[str], object] = print) -> None:
    """Write every golden file anew, and remove what no longer belongs there."""
    for folder in ("batches", "notices"):
        shutil.rmtree(GOLDEN / folder, ignore_errors=True)
    for path in sorted(make.PROFILES.glob("*.toml")):
        files = render(path.stem)
        for name, content in files.items():
            target = GOLDEN / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        say(f"{path.stem}: {len(files)} files")


if __name__ == "__main__":
    main()
