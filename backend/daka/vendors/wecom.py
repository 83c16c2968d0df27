"""WeCom's API for a company's own apps: requests, the access token, and what its codes mean.

Sources: https://developer.work.weixin.qq.com/document/path/91039 (token) and …/90313 (codes). HTTP 200 says nothing, and
`errcode` 0 may still name people who got nothing (`invaliduser`).
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from daka.outbound.bodies import code_in, json_object
from daka.outbound.requests import HttpAnswer, HttpRequest, json_request
from daka.outbound.tokens import AppToken
from daka.vendors.replies import A_MINUTE, CodeMeaning, Meaning, VendorReply, by_code, reply_of, row_by_status, token_in

API = "https://qyapi.weixin.qq.com/cgi-bin"

TABLE = by_code(
    {
        "0": CodeMeaning(Meaning.DONE),
        "-1": CodeMeaning(Meaning.RETRY),
        "40014 42001": CodeMeaning(Meaning.TOKEN_REFUSED),
        "40001 40013 41001": CodeMeaning(Meaning.APP),
        "40056 301002": CodeMeaning(Meaning.AGENT),
        "60020": CodeMeaning(Meaning.ADDRESS),
        "48002 50003 60011": CodeMeaning(Meaning.PERMISSION),
        "45009 45033": CodeMeaning(Meaning.THROTTLED, A_MINUTE),
        "40003 46004 60103 60111 81013 82001 301021": CodeMeaning(Meaning.PERSON),
        "40058 45002": CodeMeaning(Meaning.TOO_LONG),
        "40008 44004": CodeMeaning(Meaning.MESSAGE),
    }
)


def read(answer: HttpAnswer) -> VendorReply:
    """The meaning of an answer."""
    found = json_object(answer.text)
    if found is None or not (code := code_in(found, "errcode")):
        return reply_of(row_by_status(answer), "", "the answer was not WeCom's", answer)
    words = str(found.get("errmsg", ""))
    if code == "0" and (invalid := found.get("invaliduser")):
        return VendorReply(Meaning.PERSON, "invaliduser", str(invalid)[:400], answer, found)
    return reply_of(TABLE.get(code, CodeMeaning(Meaning.UNKNOWN)), code, words, answer, found)


@dataclass(frozen=True, slots=True)
class WecomApp:
    """A company's own app (自建应用)."""

    corp_id: str
    secret: str = field(repr=False)

    @property
    def token_key(self) -> str:
        return f"wecom {self.corp_id} {hash(self.secret)}"

    def token_request(self) -> HttpRequest:
        corp, secret = quote(self.corp_id, safe=""), quote(self.secret, safe="")
        return json_request(f"{API}/gettoken?corpid={corp}&corpsecret={secret}", vendor="wecom")

    def token_in(self, answer: HttpAnswer) -> AppToken | VendorReply:
        return token_in(read(answer), "access_token", "expires_in")

    def request(self, token: str, path: str, body: dict[str, Any] | None = None, **query: str) -> HttpRequest:
        """A POST with a body, else a GET."""
        return json_request(f"{API}{path}?{urlencode({'access_token': token, **query})}", body, vendor="wecom")
