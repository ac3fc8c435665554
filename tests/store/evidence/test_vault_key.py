"""A sealed vault shows nothing to whoever takes the disk, and works like any other for whoever has the key."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from store.evidence.errors import DamagedBlob, VaultKeyMissing
from store.evidence.vault import Vault
from store.evidence.vault_key import is_sealed, make_vault_key

PAGE = b"<title>a page that names somebody</title>" * 50
OLD = b"written before the vault was sealed" * 20


def sealed_vault(home: Path) -> Path:
    root = home / "vault"
    with Vault(root) as vault:
        vault.put(OLD)
    (home / "keys").mkdir()
    assert make_vault_key(root, home / "keys", Random(1).randbytes)
    assert not make_vault_key(root, home / "keys")
    return root


def test_nothing_of_what_is_put_lies_in_the_clear_and_everything_reads_back(tmp_path: Path) -> None:
    root = sealed_vault(tmp_path)
    noise = Random(2).randbytes(4000)
    with Vault(root) as vault:
        digests = [vault.put(PAGE), vault.put(noise), vault.put(b"")]
        vault.flush()
        assert [vault.get(digest) for digest in digests] == [PAGE, noise, b""]
    on_disk = b"".join(path.read_bytes() for path in (root / "packs").glob("*.pack"))
    assert noise[:60] not in on_disk
    (root / "index.db").unlink()
    with Vault(root) as vault:  # an index is made anew without opening anything
        assert vault.get(digests[0]) == PAGE
        assert list(vault.check()) == []
        assert vault.totals().blobs == 4
    assert is_sealed(root)


def test_without_the_key_it_can_be_counted_and_copied_and_says_what_is_missing(tmp_path: Path) -> None:
    root = sealed_vault(tmp_path)
    with Vault(root) as vault:
        digest = vault.put(PAGE)
    key = tmp_path / "keys" / "vault.key"
    text = key.read_text()
    key.unlink()
    with Vault(root) as vault:
        assert vault.has(digest)
        assert vault.totals().blobs == 2
        for work in (lambda: vault.get(digest), lambda: vault.put(b"more")):
            with pytest.raises(VaultKeyMissing, match=r"vault\.key.*nobody can read these bytes"):
                work()
    key.write_text("0" * 64)
    with Vault(root) as vault, pytest.raises(VaultKeyMissing, match="not the key"):
        vault.get(digest)
    key.write_text(text)
    with Vault(root) as vault:
        assert vault.get(digest) == PAGE


def test_a_sealed_record_does_not_open_in_anothers_place(tmp_path: Path) -> None:
    """Two payloads of one length exchanged, headers and checksums mended: the key says no."""
    from store.evidence import pack as packs
    from store.evidence.pack import Opening, make_header, read_opening, walk

    root = sealed_vault(tmp_path)
    one, two = Random(5).randbytes(600), Random(6).randbytes(600)
    with Vault(root, writer="w") as vault:
        digests = [vault.put(one), vault.put(two)]
    path = root / "packs" / "w-0.pack"
    with path.open("r+b") as file:
        opening = read_opening(file.fileno())
        assert isinstance(opening, Opening)
        first, second = walk(file.fileno(), opening.salt, opening.size_bytes, path.stat().st_size)
        whole = path.read_bytes()
        payload = whole[second.at + packs.HEADER_BYTES : second.end]
        file.seek(first.at)
        file.write(make_header(packs.replace(first, payload_crc=second.payload_crc), opening.salt) + payload)
    with Vault(root) as vault, pytest.raises(DamagedBlob, match="does not open"):
        vault.get(digests[0])
