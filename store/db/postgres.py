"""
What a PostgreSQL connection is told before it is used: which characters it cannot hold.

PostgreSQL keeps no U+0000 in any text, and a hostile page puts one in a title to make the write fail. It becomes
U+FFFD, as HTML itself reads it; the captured bytes keep what stood there.
"""

from __future__ import annotations

import json
import re
from typing import Any

from psycopg import Connection
from psycopg.types.string import StrDumper
from sqlalchemy.pool import ConnectionPoolEntry

REPLACEMENT = "\ufffd"
# An escape of NUL, and not an escaped backslash that is followed by these letters.
_NUL_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class WithoutNul(StrDumper):
    """Writes a text without U+0000."""

    def dump(self, obj: str) -> Any:  # Any: whatever buffer the driver's own class gives
        """The text as the driver sends it."""
        return super().dump(obj.replace("\0", REPLACEMENT) if "\0" in obj else obj)


def write_json(value: object) -> str:
    """JSON whose texts and names hold no U+0000."""
    written = json.dumps(value)
    return _NUL_ESCAPE.sub(lambda found: found[1] + "\\ufffd", written) if "\\u0000" in written else written


def prepare(connection: Connection[Any], record: ConnectionPoolEntry) -> None:
    """Tell a new connection how texts are written."""
    del record
    connection.adapters.register_dumper(str, WithoutNul)
