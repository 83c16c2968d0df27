"""Routes that are loaded and built at their first request.

FastAPI analyses a signature and builds its validators when the route is declared, and again for each router that includes it:
a third of the start and of the memory for routes most of which nobody calls in a process's life.
"""

import asyncio
import gc
import json
from collections.abc import Callable, Coroutine
from enum import Enum
from importlib import import_module
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Receive, Scope, Send


class _Request(Request):
    """A request whose JSON must not say one thing twice: `json` alone would keep the last."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = json.loads(await self.body(), object_pairs_hook=_once)
        return self._json


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise json.JSONDecodeError("a name is there twice", "", 0)
    return found


def of_app(name: str) -> Any:
    """The dependency on what the application keeps under this name: `Annotated[Sender, of_app("sender")]`."""

    async def kept(request: Request) -> Any:
        return getattr(request.app.state, name)

    return Depends(kept)


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

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_read_strictly(request: Request) -> Response:
            return await handle(_Request(request.scope, request.receive, request._send))

        return handle_read_strictly


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


class LateRoutes(BaseRoute):
    """Stands for a module's `router`, at the end of `router`, until one of its paths is asked for. Then it is imported, in a
    thread so that reminders leave meanwhile, and its routes take this place.

    Any other path that gets here, such as a page of the web app, begins the import: the browser will ask for them next.
    A worker never loads them, nor does a server that only its health check asks: a third of what a start takes.
    """

    def __init__(self, router: APIRouter, paths: tuple[str, ...], module: str) -> None:
        """`paths`: what the paths of its routes begin with. Its routes may be in `router` before it already."""
        self._router, self._paths, self._module = router, paths, module
        self._is_begun = False

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        if not self._is_begun:
            self._is_begun = True
            asyncio.get_running_loop().run_in_executor(None, import_module, self._module)
        return Match.FULL if scope["path"].startswith(self._paths) else Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.to_thread(import_module, self._module)
        self.load()
        await self._router(scope, receive, send)

    def load(self) -> None:
        routes = self._router.routes
        if self in routes:
            found = import_module(self._module).router.routes
            here = routes.index(self)
            routes[:] = [*(route for route in routes[:here] if route not in found), *found, *routes[here + 1 :]]
            gc.freeze()  # as everything that was made at the start


def with_late_routes(routes: list[BaseRoute]) -> list[BaseRoute]:
    """All routes, loaded if they were not."""
    for route in [*routes]:
        if isinstance(route, LateRoutes):
            route.load()
    return routes
