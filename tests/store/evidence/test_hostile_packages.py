"""Packages built to harm whoever opens them: exit 3, flat memory, nothing written, by the verifier alone."""

import json
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

from store.evidence import verify as verifier
from store.evidence.verify import central_header, end_record, local_header

HUGE = 400 << 20  # bytes that a reader might be made to hold
# Chosen: an interpreter with `cryptography` has about 40 MiB; nothing of a package may come near its size.
MOST_RSS_KB = 80 << 10

RUN = """
import contextlib, io, json, sys
sys.path.insert(0, ".")
import verify
found = {}
for name in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()):
        found[name] = verify.main([name])
# Not ru_maxrss: that counts the parent's pages before exec.
(found["rss_kb"],) = [int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps(found))
"""


def stored(path: Path, members: list[tuple[str, bytes]]) -> None:
    body, directory = b"", b""
    for name, content in members:
        crc = zlib.crc32(content)
        directory += central_header(name, crc, len(content), len(body))
        body += local_header(name, crc, len(content)) + content
    path.write_bytes(body + directory + end_record(len(members), len(directory), len(body)))


def sparse(path: Path, name: str, size: int) -> None:
    """A member of that size whose bytes are a hole in the file."""
    header, directory = local_header(name, 0, size), central_header(name, 0, size, 0)
    with path.open("wb") as file:
        file.write(header)
        file.seek(len(header) + size)
        file.write(directory + end_record(1, len(directory), len(header) + size))


def hostile(folder: Path) -> list[str]:
    """Every kind, by file name."""
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(16 << 20))
    sparse(folder / "huge-manifest.zip", "manifest.json", HUGE)
    sparse(folder / "huge-signature.zip", "signatures/a.sig", HUGE)
    stored(folder / "deep.zip", [("manifest.json", b"[" * 200_000)])
    stored(folder / "wide.zip", [("manifest.json", b"[" + b"{}," * 1_300_000 + b"{}]")])
    stored(folder / "broken.zip", [("manifest.json", b'{"files": [')])
    stored(folder / "number.zip", [("manifest.json", b"9" * 200_000)])
    stored(folder / "parent.zip", [("../../escaped", b"x")])
    stored(folder / "absolute.zip", [("/tmp/escaped", b"x")])
    stored(folder / "twice.zip", [("a", b"x"), ("a", b"y")])
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(folder / "symlink.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    stored(folder / "plain.zip", [("manifest.json", b"{}"), ("more", b"x" * 100)])
    whole = (folder / "plain.zip").read_bytes()
    (at,) = struct.unpack_from("<I", whole, len(whole) - 6)
    (folder / "encrypted.zip").write_bytes(whole[: at + 8] + b"\1" + whole[at + 9 :])
    second = at + 46 + len("manifest.json")
    (folder / "overlap.zip").write_bytes(whole[: second + 42] + bytes(4) + whole[second + 46 :])
    (folder / "trailing.zip").write_bytes(whole + b"\0" * 1000)
    (folder / "many.zip").write_bytes(b"PK\3\4" + bytes(40) + end_record(65_535, 1 << 30, 0))
    many = b"".join(central_header(f"a{n:05}", 0, 0, 0) for n in range(65_000))
    (folder / "directory.zip").write_bytes(b"PK\3\4" + many + end_record(65_000, len(many), 4))
    return sorted(path.name for path in folder.glob("*.zip") if path.name != "plain.zip")


def test_hostile_packages_are_unreadable_cost_no_memory_and_leave_nothing_behind(tmp_path: Path) -> None:
    shutil.copy(verifier.__file__, tmp_path / "verify.py")
    names = hostile(tmp_path)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-B", "-c", RUN, *names], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    rss_kb = found.pop("rss_kb")
    assert {name: code for name, code in found.items() if code != 3} == {}
    assert len(found) == 16
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
    assert not (tmp_path.parents[1] / "escaped").exists()
    assert rss_kb < MOST_RSS_KB
