"""Routes that are built at their first request.

FastAPI analyses a signature and builds its validators when the route is declared, and again for each router that includes it:
a third of the start and of the memory for routes most of which nobody calls in a process's life.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import compile_path


class _Route(APIRoute):
    """Knows from the start what a request is matched by; anything else is built when it is first asked for."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        self.path, self.endpoint, self._given = path, endpoint, given
        self.name = endpoint.__name__
        self.methods = set(given["methods"])
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)

    def __getattr__(self, name: str) -> Any:
        given = self.__dict__.pop("_given", None)
        if given is None:
            raise AttributeError(name)
        super().__init__(self.path, self.endpoint, **given)
        return getattr(self, name)


class Router(APIRouter):
    """A router whose prefix is the whole beginning of its paths; `joined` puts several together."""

    def __init__(self, *, prefix: str = "", tags: list[str | Enum] | None = None) -> None:
        super().__init__(prefix=prefix, tags=tags, route_class=_Route)


def joined(*parts: APIRouter) -> Router:
    """The routes of several routers, in this order and as they are."""
    together = Router()
    for part in parts:
        together.routes.extend(part.routes)
    return together
