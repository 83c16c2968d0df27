"""Where a channel with a free address may not reach. Real sockets on loopback; only the name server is a fake."""

import ipaddress
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from daka.errors import ConfigurationError
from daka.outbound.guard import LONGEST_URL, AddressRefused, Guard
from daka.outbound.http import Outbound
from daka.outbound.requests import LONGEST_ANSWER_BYTES, HttpRequest, NoAnswer
from fakes.names import no_names as no_names
from fakes.server import FakeResponse, FakeServer, own_certificate

ADDRESSES = json.loads((Path(__file__).parents[1] / "delivery" / "channels" / "vectors.json").read_text())["ssrf_ip"]


class Names:
    """A name server whose answers a test sets; several answers are given one after the other."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): found for name, found in answers.items()}

    async def __call__(self, host: str, port: int) -> list[str]:
        found = self.answers.get(host)
        if not found:
            raise OSError("no such name")
        return found.pop(0) if len(found) > 1 else found[0]


@asynccontextmanager
async def outbound(*allowed: str, names: Names | None = None, own_port: int = 0) -> AsyncIterator[Outbound]:
    guard = Guard(allowed, own_port=own_port, look_up=names) if names else Guard(allowed, own_port=own_port)
    async with Outbound(guard) as opened:
        yield opened


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


async def refusal(sending: Outbound, url: str) -> str:
    with pytest.raises(NoAnswer) as failure:
        await sending.send(HttpRequest(url, b"{}"))
    assert failure.value.is_address_refused, failure.value
    return str(failure.value)


@pytest.mark.parametrize("address", ADDRESSES["deny"])
def test_addresses_that_are_not_on_the_public_internet_are_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        Guard().judge(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ADDRESSES["allow"])
def test_public_addresses_pass(address: str) -> None:
    Guard().judge(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ADDRESSES["deny"])
@pytest.mark.parametrize("form", ["literal", "name"])
async def test_a_request_to_a_forbidden_address_is_refused_before_anything_is_dialled(address: str, form: str) -> None:
    async with outbound(names=Names(some_host=[[address]])) as sending:
        host = bracketed(address) if form == "literal" else "some.host"
        await refusal(sending, f"https://{host}/hook")


@pytest.mark.parametrize("host", ADDRESSES["hosts_that_resolve_to_loopback"])
async def test_odd_spellings_of_loopback_are_refused_on_any_scheme_and_port(host: str) -> None:
    async with FakeServer().running() as server, outbound() as sending:
        for url in (f"http://{host}:{server.port}/", f"https://{host}:{server.port}/", f"https://{host}/"):
            await refusal(sending, url)
        assert server.connections == 0


async def test_a_name_with_a_public_and_a_private_address_is_refused_as_a_whole() -> None:
    async with outbound(names=Names(two_faced=[["8.8.8.8", "10.0.0.1"]])) as sending:
        assert "not on the public internet" in await refusal(sending, "https://two.faced/")


async def test_a_name_that_changes_its_answer_between_check_and_connection_is_refused() -> None:
    names = Names(turncoat_lan=[["192.168.77.1"], ["127.0.0.1"]])
    async with FakeServer().running() as server, outbound("192.168.77.0/24", names=names) as sending:
        await refusal(sending, f"http://turncoat.lan:{server.port}/")
        assert server.connections == 0


async def test_a_redirect_to_loopback_is_not_followed() -> None:
    async with FakeServer().running("127.0.0.1") as inside, FakeServer().running("127.0.0.2") as outside:
        outside.next.append(FakeResponse("", 302, {"Location": inside.base_url}))
        async with outbound(f"127.0.0.2:{outside.port}") as sending:
            answer = await sending.send(HttpRequest(f"{outside.base_url}/hook", b"{}"))
        assert (answer.status, inside.connections) == (302, 0)


async def test_a_cookie_is_not_kept_for_the_next_message() -> None:
    async with FakeServer().running() as server, outbound(f"127.0.0.1:{server.port}") as sending:
        server.next.append(FakeResponse("", 200, {"Set-Cookie": "session=of-somebody-else"}))
        for _ in range(2):
            await sending.send(HttpRequest(f"{server.base_url}/hook", b"{}"))
        assert [asked.headers.get("Cookie") for asked in server.asked] == [None, None]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "https:///no-host",
        "https://user:word@example.org/",
        "https://example.org/#part",
        "https://example.org:8443/",
        "https://example.org:22/",
        "http://example.org/",
        "https://example.org\\@127.0.0.1/",
        "https://127.0.0.1\\.example.org/",
        "https://exa mple.org/",
        "https://[::1",
        "https://" + "a" * LONGEST_URL + ".org/",
    ],
)
async def test_addresses_in_a_strange_form_are_refused(url: str) -> None:
    async with outbound(names=Names(example_org=[["8.8.8.8"]])) as sending:
        await refusal(sending, url)


@pytest.mark.parametrize(
    ("url", "is_trusted"),
    [
        ("https://nowhere.example/", False),
        ("http://nowhere.example:8080/", False),
        ("https://nowhere.example:8443/", False),
        ("http://nas.lan:8080/", False),
        ("https://nowhere.example/", True),
        ("http://nas.lan:8080/", True),
        (f"https://{'a' * 64}.example/", False),
    ],
)
async def test_a_name_that_does_not_resolve_is_no_answer_and_not_refused(
    url: str, is_trusted: bool, no_names: dict[str, str]
) -> None:
    """A router that restarts resolves nothing for a minute: neither the address nor the settings are to blame."""
    async with outbound("nas.lan", names=Names()) as sending:
        with pytest.raises(NoAnswer) as failure:
            await sending.send(HttpRequest(url, b"{}", is_trusted=is_trusted))
    assert (failure.value.code, failure.value.is_address_refused) == ("dns", False)


async def test_a_name_that_resolves_again_is_reached() -> None:
    names = Names()
    async with FakeServer().running() as server, outbound("nas.lan", names=names) as sending:
        with pytest.raises(NoAnswer):
            await sending.send(HttpRequest(f"http://nas.lan:{server.port}/", b"{}"))
        names.answers["nas.lan"] = [["127.0.0.1"]]
        assert (await sending.send(HttpRequest(f"http://nas.lan:{server.port}/", b"{}"))).status == 200


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("127.0.0.0/8", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:{port}", "127.0.0.1"),
        ("nas.lan", "nas.lan"),
        ("NAS.lan.", "nas.lan"),
        ("nas.lan:{port}", "nas.lan"),
        ("127.0.0.1", "nas.lan"),
        ("127.0.0.1:{port}", "nas.lan"),
        ("127.0.0.1", "[::ffff:127.0.0.1]"),
    ],
)
async def test_an_operator_can_allow_a_network_an_address_or_a_host(allowed: str, host: str) -> None:
    async with FakeServer().running() as server:
        names = Names(nas_lan=[["127.0.0.1"]])
        async with outbound(allowed.format(port=server.port), names=names) as sending:
            answer = await sending.send(HttpRequest(f"http://{host}:{server.port}/", b"{}"))
        assert (answer.status, len(server.asked)) == (200, 1)


@pytest.mark.parametrize("allowed", ["127.0.0.1:1", "nas.lan:1", "10.0.0.0/8", "other.lan"])
async def test_an_exception_is_good_for_nothing_else(allowed: str) -> None:
    async with FakeServer().running() as server:
        async with outbound(allowed, names=Names(nas_lan=[["127.0.0.1"]])) as sending:
            await refusal(sending, f"http://nas.lan:{server.port}/")
            await refusal(sending, f"http://127.0.0.1:{server.port}/")
        assert server.connections == 0


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "100.100.100.200",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
    ],
)
async def test_metadata_services_are_refused_whatever_the_operator_allows(address: str) -> None:
    everything = ("0.0.0.0/0", "::/0", "metadata.internal")
    async with outbound(*everything, names=Names(metadata_internal=[[address]])) as sending:
        assert "metadata" in await refusal(sending, f"http://{bracketed(address)}/latest/meta-data/")
        assert "metadata" in await refusal(sending, "http://metadata.internal/")


async def test_daka_does_not_call_itself_even_where_loopback_is_allowed() -> None:
    async with FakeServer().running() as server:
        names = Names(me_lan=[["127.0.0.1"]])
        async with outbound("127.0.0.0/8", "me.lan", own_port=server.port, names=names) as sending:
            assert "own address" in await refusal(sending, f"http://127.0.0.1:{server.port}/api/v1/users")
            assert "own address" in await refusal(sending, f"http://me.lan:{server.port}/api/v1/users")
        assert server.connections == 0


@pytest.mark.parametrize("entry", ["10.0.0.0/40", "nas.lan:http", "http://nas.lan", "nas.lan:99999", "a b"])
def test_an_entry_that_means_nothing_stops_the_process_with_the_name_of_the_setting(entry: str) -> None:
    with pytest.raises(ConfigurationError, match="ALLOW_PRIVATE_TARGETS"):
        Guard([entry])


async def test_a_long_answer_is_cut_and_a_packed_one_is_not_unpacked() -> None:
    async with FakeServer().running() as server, outbound("127.0.0.1") as sending:
        server.next.append(FakeResponse("x" * (3 * LONGEST_ANSWER_BYTES)))
        answer = await sending.send(HttpRequest(server.base_url, b"{}"))
        assert (answer.status, len(answer.text)) == (200, LONGEST_ANSWER_BYTES)
        assert server.last.headers["accept-encoding"] == "identity"


async def test_a_slow_server_is_given_up_after_the_overall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daka.outbound.client.OVERALL_SECONDS", 0.2)
    async with FakeServer().running() as server, outbound("127.0.0.1") as sending:
        server.next.append(FakeResponse(after_seconds=1.0))
        with pytest.raises(NoAnswer) as failure:
            await sending.send(HttpRequest(server.base_url, b"{}"))
        assert failure.value.code == "timeout"


async def test_a_failure_never_carries_the_address() -> None:
    async with FakeServer().running() as server, outbound("127.0.0.1") as sending:
        server.next.append(FakeResponse(is_reset=True))
        with pytest.raises(NoAnswer) as failure:
            await sending.send(HttpRequest(f"{server.base_url}/canary?token=canary", b"{}"))
        error: BaseException | None = failure.value
        assert "canary" not in repr(error) + str(error)
        assert error is not None
        assert error.__cause__ is None


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeServer().running() as proxy, FakeServer().running() as server, outbound("127.0.0.1") as sending:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.base_url)
        await sending.send(HttpRequest(server.base_url, b"{}"))
        assert (len(proxy.asked), len(server.asked)) == (0, 1)


async def test_a_kept_connection_leads_only_to_the_address_that_was_judged() -> None:
    """After its name has moved, a kept connection leads to the old, judged address; a new one is refused."""
    names = Names(moving_lan=[["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"], ["10.9.9.9"]])
    async with FakeServer().running() as server, outbound("127.0.0.1", names=names) as sending:
        url = f"http://moving.lan:{server.port}/"
        await sending.send(HttpRequest(url, b"{}"))
        await sending.send(HttpRequest(url, b"{}"))
        assert (len(server.asked), server.connections) == (2, 1)
        await refusal(sending, url)


async def test_a_certificate_for_another_name_is_no_connection(tmp_path: Path) -> None:
    """The certificate is judged against the name that was asked for, not against the address that was dialled."""
    tls = own_certificate(tmp_path, "somebody-else.lan")
    names = Names(nas_lan=[["127.0.0.1"]])
    async with FakeServer().running(tls=tls) as server, outbound("nas.lan", names=names) as sending:
        with pytest.raises(NoAnswer) as failure:
            await sending.send(HttpRequest(f"https://nas.lan:{server.port}/", b"{}"))
        assert (failure.value.code, server.asked) == ("certificate", [])


async def test_a_closed_port_is_a_connection_that_failed() -> None:
    async with outbound("127.0.0.1") as sending:
        with pytest.raises(NoAnswer) as failure:
            await sending.send(HttpRequest("http://127.0.0.1:1/", b"{}"))
        assert failure.value.code == "connection"
