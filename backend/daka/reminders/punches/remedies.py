"""What to do about a source that does not work: one code for each remedy, with its words. The API serves both languages."""

HINTS: dict[str, dict[str, str]] = {
    "settings": {
        "zh": "保存的设置用不了。打开这个数据源，重新填写并保存。",
        "en": "The stored settings cannot be used. Open the source, enter them again and save.",
    },
    "throttled": {
        "zh": "对方限流了，会自动等一会儿再查询。",
        "en": "The provider limits the rate. Asking goes on by itself after a pause.",
    },
    "address_refused": {
        "zh": "这个地址不允许访问。内网地址要由管理员加到 ALLOW_PRIVATE_TARGETS。",
        "en": "This address may not be reached. An administrator must add LAN addresses to ALLOW_PRIVATE_TARGETS.",
    },
    "timeout": {
        "zh": "对方没有在几秒内回答。提醒照常发出；看看地址和对方的服务。",
        "en": "No answer within a few seconds. Reminders go out as usual; look at the address and the other side.",
    },
    "connection": {
        "zh": "连不上。检查地址、端口和网络。",
        "en": "The connection failed. Check address, port and network.",
    },
    "certificate": {
        "zh": "对方的 TLS 证书无效，或与域名不符。",
        "en": "The other side's TLS certificate is not valid, or is for another name.",
    },
    "too_large": {
        "zh": "回答太长（超过 1 MB）。让它只返回需要的内容。",
        "en": "The answer is longer than 1 MB. Let it return only what is needed.",
    },
    "not_json": {
        "zh": "回答不是预期的 JSON。在浏览器里打开这个地址看看返回了什么。",
        "en": "The answer is not the expected JSON. Look at what the address returns.",
    },
    "server_problem": {
        "zh": "对方的服务器出错了，稍后会再试。",
        "en": "The other server has a problem; it is asked again later.",
    },
    "redirect": {
        "zh": "地址会跳转，而跳转不会跟随。填写最终的地址。",
        "en": "The address redirects, and redirects are not followed. Enter the final address.",
    },
    "credentials": {"zh": "对方不认这个令牌。重新复制。", "en": "The token is refused. Copy it again."},
    "permission": {"zh": "这个令牌没有权限。", "en": "The token lacks the permission."},
    "not_found": {"zh": "地址不存在。检查是否抄全。", "en": "There is nothing at that address. Was it copied whole?"},
    "http_refused": {
        "zh": "对方拒绝了请求。检查地址和令牌。",
        "en": "The other side refused the request. Check the address and the token.",
    },
    "budget": {
        "zh": "本月的查询次数用完了，下月自动恢复。提醒照常发出；也可以调高上限。",
        "en": "This month's calls are used up and come back next month. Reminders go out as usual; or raise the limit.",
    },
    "names_nobody": {
        "zh": "这个数据源分不出是谁，却有多人在用。在设置里填写它说的是哪一个人，其他人改用别的数据源。",
        "en": "The source cannot tell people apart, but serves several. Say in its settings of whom it speaks.",
    },
    "script_failed": {
        "zh": "脚本运行出错。到金山文档的脚本编辑器里看日志。",
        "en": "The script failed. See its log in the script editor of Kdocs.",
    },
    "dingtalk_app": {
        "zh": "AppKey 或 AppSecret 不对。到钉钉开发者后台的应用凭证里重新复制。",
        "en": "AppKey or AppSecret is wrong. Copy them again from the app's credentials in the DingTalk console.",
    },
    "dingtalk_permission": {
        "zh": "应用没有考勤权限。在钉钉开发者后台的权限管理里开通。",
        "en": "The app may not read attendance. Grant it in the DingTalk console.",
    },
    "dingtalk_app_ip": {
        "zh": "服务器的出口 IP 不在应用的白名单里。到钉钉开发者后台加上。",
        "en": "The server's public address is not on the app's list. Add it in the DingTalk console.",
    },
    "dingtalk_quota": {
        "zh": "钉钉说本月的接口调用额度已用完。升级钉钉版本，或等下月恢复。",
        "en": "DingTalk says that this month's API quota is used up. Upgrade, or wait for the next month.",
    },
    "dingtalk_unknown": {
        "zh": "钉钉返回了没见过的代码，请按它的原话检查应用。",
        "en": "DingTalk answered with an unknown code; check the app by its words.",
    },
    "vika_token": {"zh": "维格表的 API Token 不对。重新复制。", "en": "The API token is wrong. Copy it again."},
    "vika_permission": {
        "zh": "这个 Token 看不到这张维格表。给它的主人加上权限。",
        "en": "The token may not see this datasheet. Give its owner access.",
    },
    "vika_quota": {"zh": "维格表空间的 API 用量已满。", "en": "The API quota of the vika space is used up."},
    "vika_table": {
        "zh": "没有这张维格表或这个视图。检查编号。",
        "en": "There is no such datasheet or view. Check the ids.",
    },
    "vika_field": {"zh": "维格表不认这次查询。检查列名。", "en": "vika refuses the query. Check the column names."},
}


DOUBTS: dict[str, dict[str, str]] = {
    "no_answer": {"zh": "对方没有回答", "en": "it did not answer"},
    "no_value": {"zh": "回答里没有这一项", "en": "its answer did not have the value"},
    "empty_cell": {"zh": "对应的值是空的", "en": "the value was empty"},
    "odd_value": {"zh": "返回的值看不懂", "en": "its value could not be understood"},
    "person_not_found": {"zh": "对方的数据里没有这个人", "en": "it does not know this person"},
    "person_not_known": {
        "zh": "这里没有登记对方所需的手机号或工号",
        "en": "what it knows people by is not filled in here",
    },
    "no_dingtalk_userid": {
        "zh": "没有钉钉用户号，手机号也查不到",
        "en": "there is no DingTalk user id, and none was found by mobile number",
    },
    "dingtalk_refuses_person": {"zh": "钉钉不让查询这个人", "en": "DingTalk refuses to tell about this person"},
    "source_broken": {"zh": "数据源的设置用不了", "en": "the source's settings cannot work"},
    "source_failing": {"zh": "数据源多次没有回答", "en": "the source failed several times"},
    "source_throttled": {"zh": "对方限流了", "en": "the provider limits the rate"},
    "source_over_budget": {"zh": "本月的查询次数用完了", "en": "this month's calls are used up"},
}
"""Why a source does not know whether somebody punched."""


def remedy(hint: str) -> dict[str, str]:
    """The words for a hint by language; empty when there is nothing to do."""
    return HINTS.get(hint, {})
