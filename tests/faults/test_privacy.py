from pathlib import Path

from tests.faults.privacy import prove


def test_of_fifty_private_values_planted_strangers_see_none(tmp_path: Path) -> None:
    found = prove(tmp_path)
    assert found.planted >= 50
    assert found.in_the_workspace >= 35  # they went the whole way, and whoever may read the workspace reads them
    assert (found.seen_in_copy, found.seen_in_logs, found.seen_in_error_pages) == ((), (), ())
    assert found.copy_bytes <= 300_000 * found.items
    assert found.copy_verdict == "INCONCLUSIVE"  # no time authority was asked, and nothing is wrong
    assert found.log_lines > 3
    assert found.is_clean
