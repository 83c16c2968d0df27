"""Reads XLSX, XLS, ODS, XML and CSV files and the tables of web pages into rows of plain values. Pure."""

import io
import re
from collections.abc import Iterator
from zipfile import ZipFile

from daka.spreadsheets.csv_text import csv_rows, decoded
from daka.spreadsheets.ods import ods_sheets
from daka.spreadsheets.sheet import BadFile, Sheet, broken, not_a_table, whatever_breaks_it
from daka.spreadsheets.web_page import html_sheets
from daka.spreadsheets.xls import xls_sheets
from daka.spreadsheets.xlsx import refuse_bombs, xlsx_sheets
from daka.spreadsheets.xml_2003 import xml_sheets

_NO_TABLES = re.compile(rb"%PDF|\x89PNG|\xff\xd8\xff|GIF8[79]a|BM.{4}\0{4}|Rar!|7z\xbc\xaf|\{\\rtf", re.DOTALL)
_CHARSET = re.compile(rb"""charset=["']?([\w-]{3,20})""", re.IGNORECASE)


def is_workbook(body: bytes) -> bool:
    return body[:4] == b"PK\x03\x04"


def is_old_workbook(body: bytes) -> bool:
    return body[:4] == b"\xd0\xcf\x11\xe0"


def is_json(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def sheets(body: bytes) -> Iterator[Sheet]:
    """The visible sheets of an XLSX, XLS or ODS file, the tables of a web page, or the single table of a CSV file.

    Raises:
        BadFile: empty, encrypted, not a table, or too large.
    """
    if not body.strip():
        raise BadFile("file_empty", "文件是空的")
    if is_workbook(body):
        yield from _zipped_sheets(body)
    elif is_old_workbook(body):
        yield from xls_sheets(body)
    elif _NO_TABLES.match(body):
        raise not_a_table()
    elif _is_markup(body):
        if b"urn:schemas-microsoft-com:office:spreadsheet" in _start(body) and b"<workbook" in _start(body):
            yield from xml_sheets(body)
            return
        if not _is_html(body) or _start(body).startswith(b"m"):
            raise broken()
        yield from html_sheets(decoded(body, said=_CHARSET.search(body[:4_000])))
    else:
        yield Sheet("", csv_rows(body))


def _zipped_sheets(body: bytes) -> Iterator[Sheet]:
    with whatever_breaks_it(), ZipFile(io.BytesIO(body)) as archive:
        refuse_bombs(archive)
        parts = archive.namelist()
        if "xl/workbook.xml" in parts:
            yield from xlsx_sheets(body, archive)
        elif "content.xml" in parts:
            yield from ods_sheets(archive)
        else:
            raise not_a_table()


def _is_markup(body: bytes) -> bool:
    """Whether this is a web page, as many systems export under the name of a workbook, or something else in its kind."""
    return _start(body).startswith((b"<", b"mime-version:"))


def _is_html(body: bytes) -> bool:
    return any(tag in _start(body) for tag in (b"<html", b"<table", b"<body", b"<head", b"<!doctype html"))


def _start(body: bytes) -> bytes:
    return body[:4_000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
