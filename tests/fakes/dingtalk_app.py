"""DingTalk's app endpoints of both generations: tokens that run out, quotas, work notices, and one-to-one messages."""

import json
from typing import Any

from fakes.server import Asked, FakeServer, Said


class FakeDingTalkApp(FakeServer):
    def __init__(
        self, app_key: str = "dingapp", app_secret: str = "app-secret", people: tuple[str, ...] = ("bob",)
    ) -> None:
        super().__init__()
        self.app_key, self.app_secret, self.people = app_key, app_secret, people
        self.token = "token-number-1"
        self.tokens_given = 0
        self.notices: list[dict[str, Any]] = []
        self.chats: list[dict[str, Any]] = []
        self.flow_controlled: tuple[str, ...] = ()

    def expire_token(self) -> None:
        self.token = f"token-number-{int(self.token.rsplit('-', 1)[1]) + 1}"

    def answer(self, asked: Asked) -> Said:
        body = json.loads(asked.body)
        match asked.path:
            case "/v1.0/oauth2/accessToken":
                if (body["appKey"], body["appSecret"]) != (self.app_key, self.app_secret):
                    return Said({"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"}, 400)
                self.tokens_given += 1
                return Said({"accessToken": self.token, "expireIn": 7200})
            case path if path.startswith("/topapi/message/corpconversation/asyncsend_v2"):
                return self._work_notice(asked, body)
            case "/v1.0/robot/oToMessages/batchSend":
                return self._one_to_one(asked, body)
        return Said({"errcode": 22, "errmsg": "Invalid method"})

    def _work_notice(self, asked: Asked, body: dict[str, Any]) -> Said:
        if asked.query.get("access_token") != self.token:
            return Said({"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token"})
        if len(json.dumps(body["msg"], ensure_ascii=False, separators=(",", ":")).encode()) > 2048:
            return Said({"errcode": 34016, "errmsg": "too long"})
        if not set(body["userid_list"].split(",")) <= set(self.people):
            return Said({"errcode": 33012, "errmsg": "invalid userid"})
        if all(
            kept["msg"] != body["msg"] for kept in self.notices
        ):  # the same content to the same person is dropped silently
            self.notices.append(body)
        return Said({"errcode": 0, "errmsg": "ok", "task_id": len(self.notices), "request_id": "r1"})

    def _one_to_one(self, asked: Asked, body: dict[str, Any]) -> Said:
        if asked.headers.get("x-acs-dingtalk-access-token") != self.token:
            return Said({"code": "InvalidAuthentication", "message": "不合法的access_token", "requestid": "r"}, 400)
        unknown = [who for who in body["userIds"] if who not in self.people]
        held = [who for who in body["userIds"] if who in self.flow_controlled]
        if not unknown and not held:
            self.chats.append(body)
        return Said({"processQueryKey": "k", "invalidStaffIdList": unknown, "flowControlledStaffIdList": held})
