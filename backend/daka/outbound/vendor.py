"""Where a vendor's own servers are, and what follows from it: another origin by the environment, and the trust in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daka.outbound.bodies import JSON_HEADERS, json_bytes, rebased
from daka.outbound.http import HttpRequest
from daka.settings import Settings


@dataclass(frozen=True, slots=True)
class Vendor:
    """A provider with addresses of its own. The setting `<NAME>_BASE_URL` moves all of them."""

    name: str
    hosts: tuple[str, ...]
    """The usual one first."""

    @property
    def setting(self) -> str:
        return f"{self.name}_base_url"

    def request(
        self,
        url: str,
        settings: Settings,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpRequest:
        """A POST of JSON, or a GET without a body, at the vendor's own address or at the origin that the operator set."""
        base_url: str = getattr(settings, self.setting)
        return HttpRequest(
            url=rebased(url, base_url),
            body=b"" if body is None else json_bytes(body),
            headers={} if body is None else {**JSON_HEADERS, **(headers or {})},
            method="GET" if body is None else "POST",
            is_trusted=bool(base_url),
        )
