"""The frames of Feishu's long connection: one protobuf message (proto2) each, and payloads that come in parts."""

from dataclasses import dataclass, field

CONTROL, DATA = 0, 1
LARGEST_FRAME = 1_000_000
"""Bytes."""
MOST_PARTS = 64
MOST_WAITING = 256
FORGET_AFTER = 5.0
"""Seconds within which all parts of a payload must have come."""


class BadFrame(ValueError):
    """These bytes are no frame."""


@dataclass(slots=True)
class Frame:
    """One frame; `method` is `CONTROL` or `DATA`, what it is about stands in `headers["type"]`."""

    sequence: int = 0
    log: int = 0
    service: int = 0
    method: int = CONTROL
    headers: dict[str, str] = field(default_factory=dict)
    payload: bytes = b""
    payload_encoding: str = ""
    payload_type: str = ""
    log_new: str = ""


def ping(service: int) -> Frame:
    return Frame(service=service, headers={"type": "ping"})


def encode(frame: Frame) -> bytes:
    numbers = (frame.sequence, frame.log, frame.service, frame.method)
    parts = [_varint(place << 3) + _varint(number) for place, number in enumerate(numbers, 1)]
    parts += [_bytes(5, _bytes(1, key.encode()) + _bytes(2, text.encode())) for key, text in frame.headers.items()]
    for place, text in ((6, frame.payload_encoding), (7, frame.payload_type)):
        parts += [_bytes(place, text.encode())] if text else []
    parts += [_bytes(8, frame.payload)] if frame.payload else []
    parts += [_bytes(9, frame.log_new.encode())] if frame.log_new else []
    return b"".join(parts)


def decode(data: bytes) -> Frame:
    """Read one frame; fields that are not known are passed over.

    Raises BadFrame: it is cut off, too large, or has a field of the wrong type.
    """
    if len(data) > LARGEST_FRAME:
        raise BadFrame("the frame is too large")
    frame, numbers = Frame(), {1: "sequence", 2: "log", 3: "service", 4: "method"}
    texts = {6: "payload_encoding", 7: "payload_type", 9: "log_new"}
    for place, value in _fields(data):
        if place in numbers and isinstance(value, int):
            setattr(frame, numbers[place], value)
        elif place == 8 and isinstance(value, bytes):
            frame.payload = value
        elif place in texts and isinstance(value, bytes):
            setattr(frame, texts[place], _text(value))
        elif place == 5 and isinstance(value, bytes):
            header = dict(_fields(value))
            key, text = header.get(1), header.get(2)
            if not isinstance(key, bytes) or not isinstance(text, bytes):
                raise BadFrame("a header lacks its key or its value")
            frame.headers[_text(key)] = _text(text)
        elif 1 <= place <= 9:
            raise BadFrame(f"field {place} has the wrong type")
    return frame


def _fields(data: bytes) -> list[tuple[int, int | bytes]]:
    found: list[tuple[int, int | bytes]] = []
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        kind = tag & 7
        value: int | bytes
        if kind == 0:
            value, at = _read_varint(data, at)
        else:
            if kind == 2:
                length, at = _read_varint(data, at)
            elif kind in (1, 5):
                length = 8 if kind == 1 else 4
            else:
                raise BadFrame(f"wire type {kind}")
            if at + length > len(data):
                raise BadFrame("the frame is cut off")
            value, at = data[at : at + length], at + length
        found.append((tag >> 3, value))
    return found


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for place, byte in enumerate(data[at : at + 10]):
        number |= (byte & 127) << (7 * place)
        if byte < 128:
            return number & ((1 << 64) - 1), at + place + 1
    raise BadFrame("a number is cut off")


def _bytes(place: int, data: bytes) -> bytes:
    return _varint(place << 3 | 2) + _varint(len(data)) + data


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadFrame("a text is not UTF-8") from error


class Parts:
    """Payloads that come in several frames, joined by `message_id`, in whatever order the parts come."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[float, int, dict[int, bytes]]] = {}

    def add(self, frame: Frame, now: float) -> bytes | None:
        """The whole payload once its last part is there; None until then. `now` in seconds of a monotonic clock.

        Raises BadFrame: its `sum` and `seq` name no part.
        """
        self._waiting = {key: kept for key, kept in self._waiting.items() if now - kept[0] <= FORGET_AFTER}
        try:
            total, place = int(frame.headers.get("sum", "1")), int(frame.headers.get("seq", "0"))
        except ValueError as error:
            raise BadFrame("sum or seq is no number") from error
        if not 1 <= total <= MOST_PARTS or not 0 <= place < total:
            raise BadFrame("there is no such part")
        if total == 1:
            return frame.payload
        message = frame.headers.get("message_id", "")
        if message not in self._waiting and len(self._waiting) >= MOST_WAITING:
            raise BadFrame("too many payloads wait for their parts")
        _, expected, parts = self._waiting.setdefault(message, (now, total, {}))
        if expected != total:
            raise BadFrame("the parts do not agree on their number")
        parts[place] = frame.payload
        if len(parts) < total:
            return None
        del self._waiting[message]
        return b"".join(parts[each] for each in range(total))
