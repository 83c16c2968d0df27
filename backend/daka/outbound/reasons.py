"""Daka's own sentences about connections that failed, which are recorded in English, in Chinese as well. Pure."""

from daka.languages import Words

OWN_WORDS: dict[str, str] = {
    "nothing came for {} seconds": "{} 秒没有收到数据",
    "the vendor has closed the connection": "服务商关闭了连接",
    "the vendor closes new connections at once": "服务商一连上就断开",
    "another program has connected as this bot": "另有程序用这个机器人连接了",
    "WeCom no longer knows the connection": "企业微信已不认这个连接",
    "internal error": "内部错误",
    "no answer in time": "超时没有回应",
    "the name of the host could not be resolved": "域名解析不了",
    "the connection failed ({})": "连接失败（{}）",
    "the connection is closed ({})": "连接已关闭（{}）",
    "the TLS connection failed; is the certificate trusted, in date, and for this name?": (
        "TLS 连接失败：证书是否可信、是否过期、域名是否对得上？"
    ),
    "the connection was refused (HTTP {})": "连接被拒绝（HTTP {}）",
    "this is not an address": "这不是网址",
    "the address is longer than {} characters": "地址超过 {} 个字符",
    "only https:// addresses are reached": "只连接 https:// 地址",
    "plain http:// is only reached inside ALLOW_PRIVATE_TARGETS": "没有加密的 http:// 只能用于 ALLOW_PRIVATE_TARGETS 里的地址",
    "only the ports 443 and 80 are reached": "只连接 443 和 80 端口",
    "only the usual ports for mail are reached": "只连接邮件的常用端口",
    "the address must not carry a login or a fragment": "地址里不能带用户名、密码或 # 后面的部分",
    "the host is a number; write the address in its usual form": "主机名是一个数字，请按通常的写法填写",
    "the host is not a name": "主机名不合规",
    "this is a metadata service": "这是云平台的元数据服务",
    "this is Daka's own address": "这是打卡自己的地址",
    "the address is not on the public internet; an operator can add it to ALLOW_PRIVATE_TARGETS": (
        "不是公网地址；确需访问时，由运维加进 ALLOW_PRIVATE_TARGETS"
    ),
    "the vendor named an address that is not its own": "服务商给的地址不是它自己的",
}
"""By what is recorded; `{}` stands for what differs, once."""


def in_both(reason: str) -> Words:
    """A recorded reason in Chinese and English; the provider's own words as they are."""
    for english, chinese in OWN_WORDS.items():
        before, differs, after = english.partition("{}")
        if reason == english if not differs else reason.startswith(before) and reason.endswith(after):
            return chinese.format(reason[len(before) : len(reason) - len(after)]), reason
    return reason, reason
