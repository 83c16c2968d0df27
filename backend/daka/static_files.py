"""Files of the built web app over HTTP: compressed beforehand, and not sent again to a browser that has them."""

import mimetypes
from collections.abc import Collection
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response

SUFFIXES = {"br": ".br", "gzip": ".gz"}
"""Content coding → suffix of the file that the build wrote beside the original. The better one comes first."""


def chosen_coding(accept_encoding: str, available: Collection[str]) -> str | None:
    """The content coding to send, of those in `SUFFIXES`; None for the file as it is (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, _, parameter = part.partition(";")
        try:
            weights[name.strip()] = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weights[name.strip()] = 0
    ranked = [(weights.get(coding, weights.get("*", 0)), coding) for coding in SUFFIXES if coding in available]
    weight, best = max(ranked, key=lambda found: found[0], default=(0, None))
    return best if weight > 0 else None


def file_response(file: Path, asked: Headers, *, caching: str, status: int = 200) -> Response:
    """The file, or 304 if the browser's copy is still right."""
    variants = {coding: found for coding, suffix in SUFFIXES.items() if (found := Path(f"{file}{suffix}")).is_file()}
    coding = chosen_coding(asked.get("accept-encoding", ""), variants)
    headers = {"Cache-Control": caching}
    if variants:
        headers["Vary"] = "Accept-Encoding"
    if coding:
        headers["Content-Encoding"] = coding
    sent = variants.get(coding or "", file)
    # The type is the original's; its ETag differs for each variant, since it is made from the variant's size and time.
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    response = FileResponse(sent, status_code=status, headers=headers, media_type=media_type, stat_result=sent.stat())
    known = (tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(","))
    if status == 200 and response.headers["etag"] in known:
        kept = ("cache-control", "etag", "last-modified", "vary")
        return Response(
            status_code=304, headers={name: response.headers[name] for name in kept if name in response.headers}
        )
    return response
