"""WeCom as an app sees it: tokens that run out, trusted addresses, agents, visible ranges, and limits in bytes."""

from typing import Any

from fakes.server import Asked, FakeResponse, FakeServer


class FakeWecomApp(FakeServer):
    def __init__(self, people: tuple[str, ...] = ("bob",)) -> None:
        super().__init__()
        self.corp_id, self.corp_secret, self.agent_id = "ww1234", "corp-secret", 7
        self.people = people
        """The app's visible range."""
        self.token = "wecom-token-1"
        self.tokens_given = 0
        self.is_trusted = True
        self.messages: list[dict[str, Any]] = []

    def expire_token(self) -> None:
        self.token = f"wecom-token-{int(self.token.rsplit('-', 1)[1]) + 1}"

    def answer(self, asked: Asked) -> FakeResponse:
        if asked.path.startswith("/cgi-bin/gettoken"):
            if asked.method != "GET" or asked.query.get("corpid") != self.corp_id:
                return refused(40013, "invalid corpid")
            if asked.query.get("corpsecret") != self.corp_secret:
                return refused(40001, "invalid credential")
            self.tokens_given += 1
            return FakeResponse({"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": 7200})
        if asked.query.get("access_token") != self.token:
            return refused(42001, "access_token expired")
        if not self.is_trusted:
            return refused(60020, "not allow to access from your ip")
        path = asked.path.removeprefix("/cgi-bin")
        return self.called(path, asked.json if asked.method == "POST" else dict(asked.query))

    def called(self, path: str, body: dict[str, Any]) -> FakeResponse:
        """The answer to a call with a good token from a trusted address."""
        return self._message(body) if path == "/message/send" else FakeResponse("not found", 404)

    def _message(self, body: dict[str, Any]) -> FakeResponse:
        if body["agentid"] != self.agent_id:
            return refused(40056, "invalid agentid")
        if body["msgtype"] != "text":
            return refused(40008, "invalid message type")
        if not body["text"]["content"]:
            return refused(44004, "empty content")
        if len(body["text"]["content"].encode()) > 2048:
            return refused(45002, "content size out of limit")
        to = body["touser"].split("|")
        unknown = [who for who in to if who not in self.people]
        if len(unknown) == len(to):
            return FakeResponse(
                {"errcode": 81013, "errmsg": "user & party & tag all invalid", "invaliduser": "|".join(unknown)}
            )
        self.messages.append(body)
        return FakeResponse({"errcode": 0, "errmsg": "ok", "invaliduser": "|".join(unknown), "msgid": "m1"})


def refused(code: int, words: str) -> FakeResponse:
    more = f"https://open.work.weixin.qq.com/devtool/query?e={code}"
    return FakeResponse({"errcode": code, "errmsg": f"{words}, hint: [1], from ip: 192.0.2.1, more info at {more}"})
