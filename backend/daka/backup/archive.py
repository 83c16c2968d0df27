"""The backup file: gzipped JSON lines, encrypted if there is a passphrase. Independent of the database.

```
{"daka_backup": 1, "app": …, "revision": …, "made_at": …, "canary": …, "tables": {"user": {"id": "int", …}, …}}
{"table": "user"}
[1, "alice", …]                       a row: its values in the order of the columns above
{"rows": 1, "sha256": …}              of the bytes of these rows
…
{"end": true, "rows": …, "sealed": …} without this line the file is truncated
```
So `zcat FILE | head -1` identifies an unencrypted backup without Daka.

Encrypted: a header (magic, salt, nonce prefix, HMAC of these), then chunks of 64 KiB, AES-256-GCM each. The nonce counts the
chunks and marks the last one, so that none can be omitted, reordered or truncated (the STREAM construction, Hoang et al. 2015).
"""

import gzip
import hashlib
import hmac
import io
import json
import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from daka.errors import DakaError

FORMAT = 1
MAGIC = b"daka-sealed-1\n"
CHUNK_BYTES = 64 * 1024
_SALT, _PREFIX, _MAC, _TAG = 16, 7, 32, 16
_HEADER_BYTES = len(MAGIC) + _SALT + _PREFIX + _MAC


class BackupDamaged(DakaError):
    """The file is not a complete backup."""


class WrongBackupKey(DakaError):
    """The file was encrypted with another passphrase."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The metadata in the first line of a backup."""

    app: str
    revision: str
    made_at: str
    canary: str
    """A value encrypted with the SECRET_KEY at backup time, to check whether the current key is the same."""
    tables: dict[str, dict[str, str]]
    """Table → column → kind (`copying.KINDS`), in the order of the file."""


@dataclass(slots=True)
class Contents:
    """The contents of a complete backup."""

    manifest: Manifest
    rows: dict[str, int] = field(default_factory=dict)
    sealed: int = 0
    """How many values are encrypted with the SECRET_KEY at backup time."""

    @property
    def row_count(self) -> int:
        return sum(self.rows.values())


# --- writing ----------------------------------------------------------------------------------------------------------


class ArchiveWriter:
    """Writes the lines in order and counts the rows."""

    def __init__(self, stream: BinaryIO, manifest: Manifest) -> None:
        self._stream = stream
        self.contents = Contents(manifest)
        self._line({"daka_backup": FORMAT, **asdict(manifest)})

    def begin_table(self, name: str) -> None:
        self._table, self._sum, self._rows = name, hashlib.sha256(), 0
        self._line({"table": name})

    def write_rows(self, lines: bytes, how_many: int) -> None:
        """Rows as JSON lines, each ending with a line feed."""
        self._sum.update(lines)
        self._rows += how_many
        self._stream.write(lines)

    def end_table(self) -> None:
        self._line({"rows": self._rows, "sha256": self._sum.hexdigest()})
        self.contents.rows[self._table] = self._rows

    def end(self, sealed: int) -> None:
        self.contents.sealed = sealed
        self._line({"end": True, "rows": self.contents.row_count, "sealed": sealed})

    def _line(self, value: dict[str, Any]) -> None:
        self._stream.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


@contextmanager
def written(path: Path, key: str) -> Iterator[BinaryIO]:
    """A stream into a new file that only its owner may read. The file appears when it is complete; a failure leaves nothing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            sealing = _Sealing(file, key) if key else None
            with gzip.GzipFile(filename="", fileobj=sealing or file, mode="wb", compresslevel=6) as packed:
                yield packed  # type: ignore[misc]  # GzipFile is a binary stream in all but name
            if sealing:
                sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _keys(passphrase: str, salt: bytes) -> tuple[bytes, bytes]:
    """The keys of the chunks and of the header. scrypt needs 32 MiB and 0.1 s."""
    made = hashlib.scrypt(passphrase.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=64)
    return made[:32], made[32:]


class _Sealing(io.RawIOBase):
    """A writable stream that encrypts."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        head = MAGIC + secrets.token_bytes(_SALT + _PREFIX)
        chunk_key, head_key = _keys(passphrase, head[len(MAGIC) :][:_SALT])
        self._file, self._cipher, self._prefix = file, AESGCM(chunk_key), head[-_PREFIX:]
        self._waiting, self._number = bytearray(), 0
        file.write(head + hmac.digest(head_key, head, "sha256"))

    def writable(self) -> bool:
        return True

    def write(self, given: Any) -> int:
        self._waiting += given
        while len(self._waiting) > CHUNK_BYTES:  # the last chunk is held back: only `finish` knows that it is the last
            self._seal(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]
        return len(given)

    def finish(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._prefix, self._number, is_last), chunk, None))
        self._number += 1


def _nonce(prefix: bytes, number: int, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


# --- reading ----------------------------------------------------------------------------------------------------------


class _Opening(io.RawIOBase):
    """A readable stream that decrypts."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        head = file.read(_HEADER_BYTES)
        if len(head) < _HEADER_BYTES:
            raise BackupDamaged("the backup is truncated")
        head, mac = head[:-_MAC], head[-_MAC:]
        if not passphrase:
            raise WrongBackupKey("the backup is encrypted; set BACKUP_KEY to the passphrase it was made with")
        chunk_key, head_key = _keys(passphrase, head[len(MAGIC) :][:_SALT])
        if not hmac.compare_digest(hmac.digest(head_key, head, "sha256"), mac):
            raise WrongBackupKey("BACKUP_KEY is not the passphrase of this backup")
        self._file, self._cipher, self._prefix = file, AESGCM(chunk_key), head[-_PREFIX:]
        self._opened, self._number = memoryview(b""), 0
        self._next = file.read(CHUNK_BYTES + _TAG)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not self._opened and self._next:
            chunk, self._next = self._next, self._file.read(CHUNK_BYTES + _TAG)
            try:
                opened = self._cipher.decrypt(_nonce(self._prefix, self._number, not self._next), chunk, None)
            except InvalidTag:
                raise BackupDamaged("the backup is damaged or truncated") from None
            self._opened, self._number = memoryview(opened), self._number + 1
        taken = min(len(into), len(self._opened))
        into[:taken] = self._opened[:taken]
        self._opened = self._opened[taken:]
        return taken


class ArchiveReader:
    """Reads a backup line by line and verifies each table and the whole."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.contents = Contents(self._manifest())

    def tables(self) -> Iterator[tuple[str, Iterator[list[Any]]]]:
        """Each table with its rows, which must be consumed before the next table is requested."""
        for name in self.contents.manifest.tables:
            if self._json(self._line()) != {"table": name}:
                raise BackupDamaged(f"the backup is damaged: table {name} is out of place")
            yield name, self._rows(name)
        if (end := self._json(self._line())).get("end") is not True or end.get("rows") != self.contents.row_count:
            raise BackupDamaged("the backup is damaged: the row count at its end is wrong")
        if self._stream.read(1):
            raise BackupDamaged("the backup is damaged: there is data after its end")
        self.contents.sealed = int(end.get("sealed", 0))

    def _rows(self, name: str) -> Iterator[list[Any]]:
        found, count = hashlib.sha256(), 0
        while (line := self._line()).startswith(b"["):
            found.update(line)
            count += 1
            yield self._json(line)
        if self._json(line) != {"rows": count, "sha256": found.hexdigest()}:
            raise BackupDamaged(f"the backup is damaged: the checksum of table {name} is wrong")
        self.contents.rows[name] = count

    def _manifest(self) -> Manifest:
        found = self._json(self._line())
        if not isinstance(found, dict) or "daka_backup" not in found:
            raise BackupDamaged("this file is not a Daka backup")
        if found["daka_backup"] != FORMAT:
            raise BackupDamaged("this backup was made by a newer version of Daka; restore it with that version")
        return Manifest(**{member.name: found[member.name] for member in fields(Manifest)})

    def _line(self) -> bytes:
        line = self._stream.readline()
        if not line.endswith(b"\n"):
            raise BackupDamaged("the backup is truncated")
        return line

    def _json(self, line: bytes) -> Any:
        try:
            return json.loads(line)
        except ValueError:
            raise BackupDamaged("the backup is damaged") from None


@contextmanager
def opened(path: Path, key: str) -> Iterator[ArchiveReader]:
    """Read a backup.

    Raises:
        BackupDamaged: the file is not a complete backup (also raised later, while reading).
        WrongBackupKey: it is encrypted with another passphrase, or none was given.
    """
    try:
        with path.open("rb") as file:
            is_sealed = file.read(len(MAGIC)) == MAGIC
            file.seek(0)
            inner: Any = io.BufferedReader(_Opening(file, key), CHUNK_BYTES) if is_sealed else file
            with gzip.GzipFile(fileobj=inner, mode="rb") as packed:
                yield ArchiveReader(io.BufferedReader(packed, CHUNK_BYTES))
    except gzip.BadGzipFile as error:
        is_other = "Not a gzipped file" in str(error)
        raise BackupDamaged("this file is not a Daka backup" if is_other else "the backup is damaged") from None
    except EOFError:
        raise BackupDamaged("the backup is truncated") from None
    except zlib.error:
        raise BackupDamaged("the backup is damaged") from None


def contents_of(path: Path, key: str) -> Contents:
    """Read and verify a whole backup without keeping its rows. Raises BackupDamaged, WrongBackupKey: as `opened`."""
    with opened(path, key) as archive:
        for _, rows in archive.tables():
            for _ in rows:
                pass
        return archive.contents
