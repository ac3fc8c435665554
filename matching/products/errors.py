"""
What product identity refuses.

    ProductModelError
        BadPairs          a file of labelled pairs cannot be read
        BadModel          the model's file is not one
"""

from __future__ import annotations

from pathlib import Path


class ProductModelError(Exception):
    """Something about comparing goods with goods went wrong."""


class BadPairs(ProductModelError):
    """A file of labelled pairs has a line that is none."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        self.path, self.line = path, line
        super().__init__(
            f"{path}, line {line}: {problem}; a line is LEFT<TAB>RIGHT<TAB>0 or 1, each side `COL name VAL value ...`"
        )


class BadModel(ProductModelError):
    """A model's file lacks a part, or asks for a likeness that is not read."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        super().__init__(f"{path}: {problem}; make it anew with `python -m matching.products.training`")
