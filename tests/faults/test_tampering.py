import shutil
from pathlib import Path

import pytest

from tests.faults.tampering import KINDS, prove


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl for a local time authority")
def test_every_kind_of_tampering_is_found_by_the_check_that_is_there_for_it(tmp_path: Path) -> None:
    """Two of each kind; `make prove NAME=tampering N=1000` runs the full count."""
    outcomes = prove(2 * len(KINDS), 7, tmp_path)
    missed = [(each.kind, each.verdict, each.by) for each in outcomes if not each.is_found_as_expected]
    assert missed == []
