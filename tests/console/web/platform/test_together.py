"""Several who answer one notice at once on PostgreSQL: each goes in turn, nothing is lost, doubled or refused."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier, Thread

import pytest

from config.settings import load_settings
from console.answering import Said, hand_in
from console.workspace import open_workspace
from store.db.batches import Batches
from store.db.outcomes import Outcomes
from store.records.ids import new_id, utc_now
from store.records.scope import EVERYTHING
from tests.benchmarks.doors import fill, labels_of
from tests.clusters import Cluster

HANDS = 4


@pytest.mark.postgres
def test_answers_to_one_notice_that_come_at_once_are_each_entered_once(postgres: Cluster, tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home", {"MARQUE_DATABASE_URL": postgres.new_ledger()})
    fill(settings, 3 * HANDS)
    faults: list[str] = []
    with open_workspace(settings) as workspace:
        with workspace.database.read() as connection:
            batch = Batches(connection, EVERYTHING).numbered(1)
        assert batch is not None
        items = sorted(labels_of(settings.home / batch.path))
        start, at = Barrier(HANDS), utc_now()

        def go(number: int) -> None:
            start.wait()
            for item in (*items[number::HANDS], items[0]):  # the first is everybody's
                said = Said(item=item, word="removed", decided_at=at)
                try:
                    hand_in(workspace, batch, [said], labels={}, by="R", via="api", clock=utc_now, ids=new_id)
                except Exception as error:  # noqa: BLE001 -- the thread's one boundary; it is shown below
                    faults.append(f"{type(error).__name__}: {error}"[:300])

        threads = [Thread(target=go, args=(number,)) for number in range(HANDS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with workspace.database.read() as connection:
            entered = sorted(str(outcome.item) for outcome in Outcomes(connection, EVERYTHING).find())
    assert (faults, entered) == ([], items)
