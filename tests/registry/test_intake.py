"""One door for every kind of sheet."""

from __future__ import annotations

import pytest

from registry.columns import SheetKind
from registry.errors import UnknownKind
from tests.registry.conftest import Desk, example_row


def test_every_kind_has_its_import(desk: Desk) -> None:
    desk.import_examples("rights", "products", "works", "sellers", "references")
    with pytest.raises(UnknownKind, match="did you mean 'rights'"):
        desk.import_path("right", desk.folder)
    assert desk.import_rows("recheck", example_row("recheck")).refused == 0
    assert len(SheetKind) == 6
