"""Reads and writes CSV, in every encoding that Excel and WPS write. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from daka.spreadsheets.sheet import MOST_COLUMNS, MOST_ROWS, BadFile, Row, plain, too_many_rows, without_blank_end

_EAST_ASIAN = ("gb18030", "cp950", "cp932")
_EXACT = {b"gb2312": "gb18030", b"gbk": "gb18030", b"gb18030": "gb18030", b"big5": "cp950", b"shift_jis": "cp932"}
_KNOWN_WORDS = re.compile(
    "姓名|日期|班次|班別|星期|手机|手機|账号|部[门門]|备注|備註|合[计計]|氏名|名前|日付|曜日|シフト|勤務|[年月日早中夜晚休]"
)


def decoded(body: bytes, *, said: re.Match[bytes] | None = None) -> str:
    """The text of a CSV, JSON or HTML file: UTF-8, UTF-16, GB 18030 (includes GBK), Big5 or Shift_JIS.

    The bytes of the last three say nothing of their encoding: the one that the file itself `said`, or else the one in which
    words of rosters appear is taken.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in body[:4_000]:
        encodings = ("utf-16-le" if body[1:4_000:2].count(0) > body[:4_000:2].count(0) else "utf-16-be",)
    else:
        encodings = ("utf-8-sig",)
    texts = _in_any_of(encodings, body) or _in_any_of(_EAST_ASIAN, body)
    if not texts or "\0" in texts[0]:
        raise _unknown_encoding()
    if encodings[0] in ("utf-8-sig", "utf-16") and len(texts) == 1:
        return texts[0]
    if said and (own := _in_any_of([_EXACT.get(said[1].lower(), "ascii")], body)):
        return own[0]
    text = max(texts, key=lambda each: len(_KNOWN_WORDS.findall(each, 0, 20_000)))
    strange = [letter for letter in text[:20_000] if letter > "\x7f"]
    if not _KNOWN_WORDS.search(text, 0, 20_000) and 2 * sum(map(_is_rare, strange)) > len(strange):
        raise _unknown_encoding()
    return text


def _in_any_of(encodings: Iterable[str], body: bytes) -> list[str]:
    texts = []
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            texts.append(body.decode(encoding))
    return texts


def _is_rare(letter: str) -> bool:
    try:
        return not letter.encode("gb2312")
    except UnicodeEncodeError:
        return True


def _unknown_encoding() -> BadFile:
    return BadFile(
        "file_unknown_encoding", "无法识别文件的文字编码；请存为 .xlsx，或 UTF-8、GBK、Big5、Shift_JIS 编码的 .csv"
    )


def as_text(text: str) -> str:
    """Text that no spreadsheet interprets as a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def from_text(text: str) -> str:
    """The text that `as_text` wrote."""
    return text[1:] if text[:1] == "'" and as_text(text[1:]) == text else text


def csv_file(rows: Iterable[Iterable[Any]]) -> bytes:
    """CSV in UTF-8 with a byte-order mark, which Excel needs to detect the encoding."""
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("utf-8-sig")


def _bare(cell: str) -> str:
    """The text of a cell such as ="0012", by which other programs tell spreadsheets that it is no number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def csv_rows(body: bytes) -> Iterator[tuple[int, Row]]:
    text = decoded(body)
    sample = text[:20_000]
    lines = sample.splitlines()
    delimiter = max("\t;,", key=lambda each: (sum(each in line for line in lines), sample.count(each)))
    count = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            row: Row = [plain(_bare(cell)) for cell in islice(cells, MOST_COLUMNS)]
            if row := without_blank_end(row):
                count += 1
                if count > MOST_ROWS:
                    raise too_many_rows()
                yield number, row
    except csv.Error as error:
        raise BadFile("file_broken", "无法读取这个 CSV 文件") from error
