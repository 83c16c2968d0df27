"""DingTalk's app endpoints of both generations: tokens that run out, quotas, work notices, and one-to-one messages."""

import json
from typing import Any

from fakes.server import Asked, FakeChat, FakeResponse


class FakeDingTalkApp(FakeChat):
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
        self.tasks = 0
        self.sent_to: dict[int, list[str]] = {}
        self.dropped: dict[int, list[dict[str, str]]] = {}
        self.out_of_range: set[str] = set()
        """People whom the app may not write to: accepted, then dropped."""
        self.out_of_scope: set[str] = set()
        """People outside the app's authorised scope: refused at once."""
        self.failing: set[str] = set()
        """People whom nothing reaches although they are known: accepted, then not delivered."""
        self.leaving: set[str] = set()
        """People who are still taken and then turn out to be unknown."""
        self.most_a_day = 500
        self.calls = 0
        """What DingTalk counts in the month: neither tokens nor contacts."""
        self.calls_a_month: int | None = None
        self.slow_results = 0
        """So many next questions about a notice come too early."""
        self.mobiles: dict[str, str] = {}
        self.may_find_people = True

    def expire_token(self) -> None:
        self.token = f"token-number-{int(self.token.rsplit('-', 1)[1]) + 1}"

    def answer(self, asked: Asked) -> FakeResponse:
        body = json.loads(asked.body)
        if "/oauth2/" not in asked.path and "/user/" not in asked.path:
            if self.calls_a_month is not None and self.calls >= self.calls_a_month:
                return FakeResponse({"errcode": 90020, "errmsg": "monthly quota"})
            self.calls += 1
        match asked.path:
            case "/v1.0/oauth2/accessToken":
                if (body["appKey"], body["appSecret"]) != (self.app_key, self.app_secret):
                    return FakeResponse(
                        {"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"}, 400
                    )
                self.tokens_given += 1
                return FakeResponse({"accessToken": self.token, "expireIn": 7200})
            case path if path.startswith("/topapi/message/corpconversation/asyncsend_v2"):
                return self._work_notice(asked, body)
            case path if path.startswith("/topapi/message/corpconversation/getsendresult"):
                return self._send_result(asked, body)
            case path if path.startswith("/topapi/v2/user/getbymobile"):
                return self._by_mobile(asked, body)
            case "/v1.0/robot/oToMessages/batchSend":
                return self._one_to_one(asked, body)
        return FakeResponse({"errcode": 22, "errmsg": "Invalid method"})

    def _work_notice(self, asked: Asked, body: dict[str, Any]) -> FakeResponse:
        if asked.query.get("access_token") != self.token:
            return FakeResponse({"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token"})
        if len(json.dumps(body["msg"], ensure_ascii=False, separators=(",", ":")).encode()) > 2048:
            return FakeResponse({"errcode": 34016, "errmsg": "too long"})
        if not set(body["userid_list"].split(",")) <= set(self.people):
            return FakeResponse({"errcode": 33012, "errmsg": "invalid userid"})
        if self.out_of_scope & set(body["userid_list"].split(",")):
            return FakeResponse({"errcode": 50002, "errmsg": "请求的员工不在授权范围内"})
        self.tasks += 1
        to = body["userid_list"].split(",")
        self.sent_to[self.tasks] = to
        if any(kept["msg"] == body["msg"] for kept in self.notices):  # to the same person: dropped silently
            self.dropped[self.tasks] = [{"code": "143106", "userid": who} for who in to]
        elif sum(set(to) <= set(kept["userid_list"].split(",")) for kept in self.notices) >= self.most_a_day:
            self.dropped[self.tasks] = [{"code": "143105", "userid": who} for who in to]
        elif (self.failing | self.leaving) & set(to):
            pass
        elif self.out_of_range & set(to):
            self.dropped[self.tasks] = [{"code": "", "userid": who} for who in self.out_of_range & set(to)]
        else:
            self.notices.append(body)
        return FakeResponse({"errcode": 0, "errmsg": "ok", "task_id": self.tasks, "request_id": "r1"})

    def _send_result(self, asked: Asked, body: dict[str, Any]) -> FakeResponse:
        if asked.query.get("access_token") != self.token:
            return FakeResponse({"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token"})
        if self.slow_results > 0:  # the notice is still on its way
            self.slow_results -= 1
            return FakeResponse({"errcode": 0, "errmsg": "ok", "send_result": {}})
        forbidden = self.dropped.get(body["task_id"], [])
        to = self.sent_to.get(body["task_id"])
        if to is None:
            return FakeResponse({"errcode": 33012, "errmsg": "unknown task"})
        result: dict[str, Any] = {
            "invalid_user_id_list": [who for who in to if who in self.leaving],
            "failed_user_id_list": [who for who in to if who in self.failing],
            "read_user_id_list": [],
        }
        result |= {"forbidden_list": forbidden, "forbidden_user_id_list": [each["userid"] for each in forbidden]}
        lost = {each["userid"] for each in forbidden} | self.leaving | self.failing
        result["unread_user_id_list"] = [who for who in to if who not in lost]
        return FakeResponse({"errcode": 0, "errmsg": "ok", "send_result": result, "request_id": "r2"})

    def _by_mobile(self, asked: Asked, body: dict[str, Any]) -> FakeResponse:
        if asked.query.get("access_token") != self.token:
            return FakeResponse({"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token"})
        if not self.may_find_people:
            return FakeResponse({"errcode": 88, "sub_code": "60011", "sub_msg": "没有调用该接口的权限"})
        userid = self.mobiles.get(body["mobile"])
        if userid is None:
            return FakeResponse({"errcode": 60121, "errmsg": "找不到该用户"})
        return FakeResponse({"errcode": 0, "errmsg": "ok", "result": {"userid": userid}})

    def _one_to_one(self, asked: Asked, body: dict[str, Any]) -> FakeResponse:
        if asked.headers.get("x-acs-dingtalk-access-token") != self.token:
            return FakeResponse(
                {"code": "InvalidAuthentication", "message": "不合法的access_token", "requestid": "r"}, 400
            )
        unknown = [who for who in body["userIds"] if who not in self.people]
        held = [who for who in body["userIds"] if who in self.flow_controlled]
        if not unknown and not held:
            self.chats.append(body)
        return FakeResponse({"processQueryKey": "k", "invalidStaffIdList": unknown, "flowControlledStaffIdList": held})
