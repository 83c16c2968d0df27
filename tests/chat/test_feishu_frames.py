from contextlib import suppress

import pytest

from daka.chat.feishu_frames import DATA, FORGET_AFTER, BadFrame, Frame, Parts, decode, encode, ping

# Both from the vendor's own Python package, 1.7.5.
PING = bytes.fromhex("08001000180720002a0c0a0474797065120470696e67")
EVENT = bytes.fromhex(
    "08011002180720012a0d0a047479706512056576656e742a100a0a6d6573736167655f696412026d312a0e0a0874726163655f6964120274312a080a"
    "0373756d1201312a080a0373657112013042497b22736368656d61223a22322e30222c22686561646572223a7b226576656e745f74797065223a2263"
    "6172642e616374696f6e2e74726967676572227d2c226576656e74223a7b7d7d"
)


def test_a_ping_is_the_vendors_own_bytes() -> None:
    assert encode(ping(7)) == PING


def test_a_data_frame_is_read_and_written_as_the_vendor_does() -> None:
    frame = decode(EVENT)
    assert (frame.sequence, frame.log, frame.service, frame.method) == (1, 2, 7, DATA)
    assert frame.headers == {"type": "event", "message_id": "m1", "trace_id": "t1", "sum": "1", "seq": "0"}
    assert frame.payload == b'{"schema":"2.0","header":{"event_type":"card.action.trigger"},"event":{}}'
    assert encode(frame) == EVENT


def test_whatever_is_written_is_read_again() -> None:
    frame = Frame(2**64 - 1, 300, 2**31 - 1, DATA, {"biz_rt": "3", "名": "值"}, b"\0\xff" * 200, "gzip", "json", "new")
    assert decode(encode(frame)) == frame


@pytest.mark.parametrize("length", range(1, len(EVENT), 7))
def test_a_frame_that_is_cut_off_is_refused_or_lacks_its_payload(length: int) -> None:
    with suppress(BadFrame):
        assert decode(EVENT[:length]).payload == b""


@pytest.mark.parametrize(
    "data", ["0a0161", "ff" * 11, "2a00", "2a040a02ff00", "4a01ff", "0b", "42ffffffff0f00"], ids=str
)
def test_what_is_no_frame_is_refused(data: str) -> None:
    with pytest.raises(BadFrame):
        decode(bytes.fromhex(data))


def test_a_field_that_is_not_known_is_passed_over() -> None:
    assert decode(PING + bytes.fromhex("50015a0161650000000069" + "00" * 8)) == decode(PING)


def part(place: str, payload: bytes, total: str = "2", message: str = "m") -> Frame:
    return Frame(method=DATA, headers={"message_id": message, "sum": total, "seq": place}, payload=payload)


def test_parts_are_joined_in_their_order_not_in_the_order_of_arrival() -> None:
    parts = Parts()
    assert parts.add(part("1", b"B"), 0) is None
    assert parts.add(part("0", b"x", message="other"), 0) is None
    assert parts.add(part("1", b"B"), 1) is None  # a duplicate
    assert parts.add(part("0", b"A"), 2) == b"AB"
    assert parts.add(part("0", b"A"), 2) is None  # the whole was handed out once


def test_parts_that_come_too_late_are_forgotten() -> None:
    parts = Parts()
    assert parts.add(part("0", b"A"), 0) is None
    assert parts.add(part("1", b"B"), FORGET_AFTER + 0.1) is None


@pytest.mark.parametrize(("place", "total"), [("2", "2"), ("-1", "2"), ("0", "0"), ("0", "9999"), ("x", "2")])
def test_parts_that_cannot_be_are_refused(place: str, total: str) -> None:
    with pytest.raises(BadFrame):
        Parts().add(part(place, b"", total), 0)
