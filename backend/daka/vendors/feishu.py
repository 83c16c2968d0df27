"""Feishu's API for a custom app (企业自建应用): requests, and what its codes mean.

Source: https://open.feishu.cn/document/authentication-management/access-token/get-user-access-token.
"""

from typing import Any

from daka.outbound.bodies import code_in, json_object
from daka.outbound.http import HttpAnswer, HttpRequest, json_request
from daka.vendors.replies import CodeMeaning, Meaning, VendorReply, reply_of, row_by_status

API = "https://open.feishu.cn"

TABLE: dict[str, CodeMeaning] = {
    "0": CodeMeaning(Meaning.DONE),
    "20008": CodeMeaning(Meaning.PERSON),  # they left the organisation
    "20010": CodeMeaning(Meaning.SCOPE),
}


def read(answer: HttpAnswer) -> VendorReply:
    """The meaning of an answer."""
    found = json_object(answer.text)
    if found is None or not (code := code_in(found, "code")):
        return reply_of(row_by_status(answer), "", "the answer was not Feishu's", answer)
    words = str(found.get("error_description") or found.get("msg") or "")
    return reply_of(TABLE.get(code, CodeMeaning(Meaning.UNKNOWN)), code, words, answer, found)


def request(path: str, body: dict[str, Any] | None = None, *, token: str = "") -> HttpRequest:
    """A POST with a body, else a GET."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return json_request(f"{API}{path}", body, headers, vendor="feishu")
