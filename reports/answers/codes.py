"""
What binds an answer to the item it speaks of: a code that only the batch's recipient was given.

An item's id and address travel on to sellers; the code stands only in `answers.csv` and `batch.json`, so that nobody
else can answer in the platform's name.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

KEY_FILE = "answers.key"
CODE_BYTES = 10  # 80 bits, 16 letters: typed by nobody, guessed by nobody


def read_answer_key(folder: Path) -> bytes:
    """The workspace's key for answer codes, made where there is none; readable by the owner alone."""
    path = folder / KEY_FILE
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = folder / f".{KEY_FILE}.{os.getpid()}.partial"
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(partial, path)  # fails where another process was quicker: its key holds
    except FileExistsError:
        pass
    finally:
        partial.unlink()
    return path.read_bytes()


def code_of(key: bytes, batch: str, item: str) -> str:
    """The answer code of one item of one batch: HMAC-SHA256 over both ids, shortened, in base32."""
    digest = hmac.new(key, f"{batch}/{item}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:CODE_BYTES]).decode()


def is_code(key: bytes, batch: str, item: str, code: str) -> bool:
    """Whether a code is the item's, in the time it takes to compare any two."""
    return hmac.compare_digest(code_of(key, batch, item).encode(), code.strip().upper().encode("utf-8", "replace"))
