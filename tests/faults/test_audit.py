from pathlib import Path

from store.evidence.verify import Verdict
from tests.faults.audit import KINDS, prove


def test_every_change_of_the_audit_trail_is_found_by_the_check_that_is_there_for_it(tmp_path: Path) -> None:
    """One of each kind; `make prove NAME=audit N=1000` runs the full count."""
    outcomes = prove(len(KINDS), 7, tmp_path)
    assert [(each.kind, each.verdict, each.by) for each in outcomes if not each.is_found_as_expected] == []
    # What a chain alone cannot show: it looks whole, and only the checkpoint tells.
    assert [each.kind for each in outcomes if each.expected == "checkpoint_head" and not each.hidden] == []
    unproven = {each.kind for each in outcomes if each.verdict is Verdict.INCONCLUSIVE}
    assert unproven == {"slip_in"}, "everything else is a failure"
