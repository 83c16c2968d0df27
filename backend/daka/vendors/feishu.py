"""Feishu's API for a custom app (企业自建应用): requests, and what its codes mean.

Source: https://open.feishu.cn/document/authentication-management/access-token/get-user-access-token.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from daka.outbound.bodies import code_in, json_object
from daka.outbound.requests import HttpAnswer, HttpRequest, json_request
from daka.outbound.tokens import AppToken
from daka.vendors.replies import A_MINUTE, CodeMeaning, Meaning, VendorReply, by_code, reply_of, row_by_status, token_in

API = "https://open.feishu.cn"

TABLE = by_code(
    {
        "0": CodeMeaning(Meaning.DONE),
        "20008": CodeMeaning(Meaning.PERSON),  # they left the organisation
        "20010 230013 40004 41050": CodeMeaning(Meaning.SCOPE),
        "99991661 99991663 99991664 99991668": CodeMeaning(Meaning.TOKEN_REFUSED),
        "10003 10014": CodeMeaning(Meaning.APP),
        "99991672 230006 230027": CodeMeaning(Meaning.PERMISSION),
        "99991400": CodeMeaning(Meaning.THROTTLED, A_MINUTE),
        "230020": CodeMeaning(Meaning.HELD),  # too many to one person or group
        "99991403": CodeMeaning(Meaning.QUOTA),
        "1220001": CodeMeaning(Meaning.MESSAGE),
        "1220002": CodeMeaning(Meaning.APP),
        "1220004": CodeMeaning(Meaning.PERMISSION),  # of attendance: no such person, or no permission
        "1220005": CodeMeaning(Meaning.PERMISSION),  # of attendance: 考勤管理后台 › API 接入
        "1225000 1226000 1228000": CodeMeaning(Meaning.RETRY),
        "230025": CodeMeaning(Meaning.TOO_LONG),
        "230001 230099": CodeMeaning(Meaning.MESSAGE),
        "99992351 99992354 99992360": CodeMeaning(Meaning.PERSON),  # an id that is none, or of another app
    }
)
"""Source: https://open.feishu.cn/document/server-docs/im-v1/message/create, …/api-call-guide/generic-error-code."""


SCOPES = {
    "attendance:rule:readonly": "导出打卡管理规则",
    "attendance:task:readonly": "导出打卡数据",
    "contact:department.base:readonly": "获取部门基础信息",
    "contact:department.organize:readonly": "获取通讯录部门组织架构信息",
    "contact:user.base:readonly": "获取用户基本信息",
    "contact:user.department:readonly": "获取用户组织架构信息",
    "contact:user.employee_id:readonly": "获取用户 user ID",
    "contact:user.id:readonly": "通过手机号或邮箱获取用户 ID",
    "contact:user.phone:readonly": "获取用户手机号",
}
"""The names of permissions in the console, where a refusal says only what it calls them itself."""
_SCOPE = re.compile(r"\b(?:attendance|contact):[a-z_.]+:readonly\b")


def _with_name(scope: re.Match[str]) -> str:
    name = SCOPES.get(scope[0])
    return f"{scope[0]}（{name}）" if name else scope[0]


def read(answer: HttpAnswer) -> VendorReply:
    """The meaning of an answer."""
    found = json_object(answer.text)
    if found is None or not (code := code_in(found, "code")):
        return reply_of(row_by_status(answer), "", "the answer was not Feishu's", answer)
    words = _SCOPE.sub(_with_name, str(found.get("error_description") or found.get("msg") or ""))
    return reply_of(TABLE.get(code, CodeMeaning(Meaning.UNKNOWN)), code, words, answer, found)


@dataclass(frozen=True, slots=True)
class FeishuApp:
    """A custom app (企业自建应用)."""

    app_id: str
    secret: str = field(repr=False)

    @property
    def token_key(self) -> str:
        return f"feishu {self.app_id} {hash(self.secret)}"

    def token_request(self) -> HttpRequest:
        body = {"app_id": self.app_id, "app_secret": self.secret}
        return request("/open-apis/auth/v3/tenant_access_token/internal", body)

    def token_in(self, answer: HttpAnswer) -> AppToken | VendorReply:
        return token_in(read(answer), "tenant_access_token", "expire")


def request(path: str, body: dict[str, Any] | None = None, *, token: str = "") -> HttpRequest:
    """A POST with a body, else a GET."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return json_request(f"{API}{path}", body, headers, vendor="feishu")
