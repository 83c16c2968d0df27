"""Kinds of settings that several channels share."""

import base64
import binascii
import re
from collections.abc import Callable, Collection
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, SecretStr, StringConstraints


def _trimmed(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip()
    if not text:
        raise ValueError("must not be empty")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("must not contain line breaks")
    return SecretStr(text)


Secret = Annotated[SecretStr, AfterValidator(_trimmed)]
"""A key or password without the blanks and line breaks that copying adds."""


def vendor_address(
    hosts: Collection[str], path: str, *, query: str = "", example: str
) -> Callable[[SecretStr], SecretStr]:
    """A check that a webhook is the vendor's own: https, one of its hosts, its path, and the key in the query if it is there."""

    def check(secret: SecretStr) -> SecretStr:
        text = _trimmed(secret).get_secret_value()
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise ValueError(f"must look like {example}") from None
        is_theirs = parts.scheme == "https" and parts.netloc in hosts and port is None and not parts.fragment
        if not is_theirs or not re.fullmatch(path, parts.path):
            raise ValueError(f"must look like {example}")
        if query and not dict(parse_qsl(parts.query)).get(query):
            raise ValueError(f"the address has no {query}")
        return SecretStr(text)

    return check


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError:
        raise ValueError("must be an https:// address") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("must be an https:// address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("must not carry a login or a fragment")
    return text.strip()


WebAddress = Annotated[SecretStr, AfterValidator(lambda secret: SecretStr(_web_address(secret.get_secret_value())))]
"""A free address that may carry keys: the guard judges it when it is dialled."""


def _server_address(text: str) -> str:
    found = urlsplit(_web_address(text))
    if found.query:
        raise ValueError("must be the server's address only")
    return text.strip().rstrip("/")


ServerAddress = Annotated[str, StringConstraints(max_length=300), AfterValidator(_server_address)]
"""The address of a server that people may run themselves."""


def _signing_secret(secret: SecretStr) -> SecretStr:
    text = _trimmed(secret).get_secret_value()
    if text.startswith("whsec_"):
        try:
            key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise ValueError("after whsec_ there must be Base64") from error
        if len(key) < 16:
            raise ValueError("the key is too short")
    return SecretStr(text)


SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]


def _people(text: str) -> str:
    for line in filter(str.strip, text.splitlines()):
        if len(line.replace("=", " ").replace("：", " ").replace(":", " ").split()) < 2:
            raise ValueError("each line must be a name or mobile number and an id")
    return text


People = Annotated[str, StringConstraints(max_length=8000), AfterValidator(_people)]
"""`张三 ou_1a2b` line by line: whom the vendor knows by which id."""

Keyword = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
