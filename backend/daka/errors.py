"""Expected failures: a small tree with stable codes. The API answers them as problem+json, the web app translates the code.

DakaError
├── ConfigurationError   the operator's settings are wrong; the process says so and stops
└── Problem              something a client did or asked for
    ├── Invalid 422  Unauthenticated 401  Forbidden 403  NotFound 404  Conflict 409  TooMany 429  TooLarge 413
"""

from typing import Any, ClassVar


class DakaError(Exception):
    """Base of everything this project raises on purpose."""


class ConfigurationError(DakaError):
    """A setting cannot work. The message names the setting and the remedy."""


class Problem(DakaError):
    """An answer of RFC 9457: `status`, a stable `code`, a title for the class of problem and a detail for this one."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request cannot be carried out"

    def __init__(self, code: str, detail: str = "", *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The problem document, without the request's own members."""
        return {
            "type": f"about:blank#{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            **({"detail": self.detail} if self.detail else {}),
            **self.extra,
        }


class Invalid(Problem):
    """Well-formed JSON whose content makes no sense; `errors` lists `{loc, code, msg}`."""

    status = 422
    title = "The input is not valid"

    def __init__(self, code: str, detail: str, *, loc: tuple[str | int, ...] = ("body",), **extra: Any) -> None:
        super().__init__(code, detail, errors=[{"loc": list(loc), "code": code, "msg": detail}], **extra)


class Unauthenticated(Problem):
    status = 401
    title = "Sign in first"

    def __init__(self, code: str = "not_signed_in", detail: str = "") -> None:
        super().__init__(code, detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    status = 403
    title = "Not allowed"


class NotFound(Problem):
    status = 404
    title = "Not found"


class Conflict(Problem):
    status = 409
    title = "In conflict with the present state"


class TooLarge(Problem):
    status = 413
    title = "Too large"


class TooMany(Problem):
    status = 429
    title = "Too many requests"

    def __init__(self, code: str, retry_after_seconds: int, detail: str = "") -> None:
        super().__init__(code, detail, headers={"Retry-After": str(retry_after_seconds)})
