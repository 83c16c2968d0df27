"""Expected errors with stable codes. The API returns them as problem+json; the web app translates the code.

DakaError
├── ConfigurationError   a setting is wrong; the process prints the reason and exits
└── Problem              an error caused by a client's request
    ├── Invalid 422  Unauthenticated 401  Forbidden 403  NotFound 404  Conflict 409  TooMany 429  TooLarge 413
        UriTooLong 414
"""

from typing import Any, ClassVar


class DakaError(Exception):
    """Base class of all errors this project raises on purpose."""


class ConfigurationError(DakaError):
    """A setting is invalid. The message names the setting and the remedy."""


def problem_document(status: int, code: str, title: str, **more: Any) -> dict[str, Any]:
    """The members of a problem document (RFC 9457), without those that depend on the request."""
    return {"type": f"about:blank#{code}", "title": title, "status": status, "code": code, **more}


class Problem(DakaError):
    """A problem document (RFC 9457): `status`, a stable `code`, the title of this kind of problem, and details of this one."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request cannot be carried out"

    def __init__(self, code: str, detail: str = "", *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.extra = extra

    def document(self) -> dict[str, Any]:
        detail = {"detail": self.detail} if self.detail else {}
        return problem_document(self.status, self.code, self.title, **detail, **self.extra)


class Invalid(Problem):
    """Well-formed input with invalid content; `errors` lists `{loc, code, msg}`."""

    status = 422
    title = "The input is not valid"

    def __init__(self, code: str, detail: str, *, loc: tuple[str | int, ...] = ("body",), **extra: Any) -> None:
        super().__init__(code, detail, **{"errors": [{"loc": list(loc), "code": code, "msg": detail}], **extra})


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
    title = "Conflicts with the current state"


class TooLarge(Problem):
    status = 413
    title = "Too large"


class UriTooLong(Problem):
    status = 414
    title = "The address is too long"


class TooMany(Problem):
    status = 429
    title = "Too many requests"

    def __init__(self, code: str, retry_after_seconds: int, detail: str = "") -> None:
        super().__init__(code, detail, headers={"Retry-After": str(retry_after_seconds)})
