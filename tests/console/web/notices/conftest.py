"""The desk on a copy of a workspace made once, and a case of the exercise's kind on it."""

from __future__ import annotations

from tests.console.web.review.conftest import app, made_once

__all__ = ["app", "made_once"]
