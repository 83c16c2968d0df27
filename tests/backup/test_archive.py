"""The file by itself: what it says, what it refuses, who can read it."""

import gzip
import hashlib
import json
import stat
from pathlib import Path

import pytest

from daka.backup.archive import (
    CHUNK_BYTES,
    ArchiveWriter,
    BackupDamaged,
    Manifest,
    WrongBackupKey,
    contents_of,
    opened,
    written,
)

KEY = "a passphrase of some length"
MANIFEST = Manifest("0.1.0", "0001", "2026-11-23T00:00:00+00:00", "canary", {"team": {"id": "int", "name": "text"}})


def write(path: Path, rows: int = 3, key: str = "") -> Path:
    with written(path, key) as stream:
        archive = ArchiveWriter(stream, MANIFEST)
        archive.begin_table("team")
        for number in range(rows):
            name = hashlib.sha256(str(number).encode()).hexdigest()
            archive.write_rows(json.dumps([number, name]).encode() + b"\n", 1)
        archive.end_table()
        archive.end(0)
    return path


@pytest.fixture(params=["", KEY], ids=["plain", "sealed"])
def key(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def test_what_was_written_is_read(tmp_path: Path, key: str) -> None:
    with opened(write(tmp_path / "backup", key=key), key) as archive:
        found = {name: list(rows) for name, rows in archive.tables()}
    assert [row[0] for row in found["team"]] == [0, 1, 2]
    assert archive.contents.rows == {"team": 3}


def test_the_first_line_of_a_plain_backup_tells_what_it_is(tmp_path: Path) -> None:
    with gzip.open(write(tmp_path / "backup")) as file:
        assert json.loads(file.readline())["revision"] == "0001"


def test_only_its_owner_may_read_it(tmp_path: Path, key: str) -> None:
    assert stat.S_IMODE(write(tmp_path / "backup", key=key).stat().st_mode) == 0o600


def test_a_sealed_one_shows_nothing(tmp_path: Path) -> None:
    plain, sealed = write(tmp_path / "plain"), write(tmp_path / "sealed", key=KEY)
    assert b"\x1f\x8b" not in sealed.read_bytes()[:200]
    assert write(tmp_path / "again", key=KEY).read_bytes() != sealed.read_bytes()
    assert abs(sealed.stat().st_size - plain.stat().st_size) < 200


@pytest.mark.parametrize("rows", [0, 1, 20_000], ids=["no rows", "one row", "many chunks"])
def test_one_that_was_cut_off_is_refused_wherever_it_was_cut(tmp_path: Path, key: str, rows: int) -> None:
    whole = write(tmp_path / "backup", rows, key).read_bytes()
    assert contents_of(tmp_path / "backup", key).row_count == rows
    if rows > 1:
        assert len(whole) > 3 * CHUNK_BYTES
    chunk = CHUNK_BYTES + 16
    cuts = {len(whole) - 1, len(whole) - 8, len(whole) - 9, len(whole) // 2, 100, 1, 0}
    cuts |= {69 + chunk, 69 + 2 * chunk} if rows > 1 else set()  # exactly between two sealed chunks
    for cut in cuts:
        (tmp_path / "cut").write_bytes(whole[:cut])
        with pytest.raises(BackupDamaged):
            contents_of(tmp_path / "cut", key)


def test_a_byte_that_changed_is_noticed_wherever_it_is(tmp_path: Path, key: str) -> None:
    whole = write(tmp_path / "backup", 40, key).read_bytes()
    # gzip's own header tells nothing about the rows: its time and system may be anything. Opening a sealed one takes a while.
    for place in range(14, len(whole), 61) if key else range(10, len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0xFF
        (tmp_path / "changed").write_bytes(changed)
        with pytest.raises((BackupDamaged, WrongBackupKey)):
            contents_of(tmp_path / "changed", key)


def test_rows_that_were_taken_out_are_missed(tmp_path: Path) -> None:
    lines = gzip.decompress(write(tmp_path / "backup").read_bytes()).splitlines(keepends=True)
    for left_out in range(1, len(lines)):
        (tmp_path / "less").write_bytes(gzip.compress(b"".join(lines[:left_out] + lines[left_out + 1 :])))
        with pytest.raises(BackupDamaged):
            contents_of(tmp_path / "less", "")


def test_something_behind_the_end_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "backup")
    path.write_bytes(path.read_bytes() + gzip.compress(b"[4]\n"))
    with pytest.raises(BackupDamaged, match="after its end"):
        contents_of(path, "")


@pytest.mark.parametrize("given", ["", "another passphrase"])
def test_another_passphrase_is_told_from_a_damaged_file(tmp_path: Path, given: str) -> None:
    path = write(tmp_path / "backup", key=KEY)
    with pytest.raises(WrongBackupKey, match="BACKUP_KEY"):
        contents_of(path, given)


@pytest.mark.parametrize("text", [b"", b"SQLite format 3\x00", gzip.compress(b'{"rows": 1}\n')])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "file").write_bytes(text)
    with pytest.raises(BackupDamaged):
        contents_of(tmp_path / "file", "")


def test_one_of_a_later_format_says_so(tmp_path: Path) -> None:
    lines = gzip.decompress(write(tmp_path / "backup").read_bytes())
    (tmp_path / "later").write_bytes(gzip.compress(lines.replace(b'"daka_backup":1', b'"daka_backup":2')))
    with pytest.raises(BackupDamaged, match="newer version"):
        contents_of(tmp_path / "later", "")


def test_a_failure_in_the_middle_leaves_no_file(tmp_path: Path, key: str) -> None:
    def fail() -> None:
        with written(tmp_path / "backup", key) as stream:
            stream.write(b"half of it")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
