"""Serve Studio's built files: hashed assets for ever, the page for every address of Studio.

The files come compressed from the build; nothing is compressed per request.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from muster.errors import NotFound
from muster.web.accept import accepts_encoding

PACKAGED: Final = Path(__file__).parents[1] / "studio_dist"
"""Where the package carries the build."""

SECTIONS: Final = (
    "sign-in", "open", "uploads", "segments", "enrichments", "identity", "exports", "rules", "keys", "settings",
)  # fmt: skip
"""First parts of Studio's addresses; `studio/src/app/router.tsx` has a page for each."""

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Styles may be inline: Mantine and AG Grid write their themes into the page. Scripts never are."""

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
}
_CODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
_HASHED: Final = re.compile(r"-[\w-]{8}\.\w+$")
_FOR_EVER: Final = "public, max-age=31536000, immutable"


def paths() -> frozenset[str]:
    """The patterns of all routes below: open to everybody, since they hold no data."""
    return frozenset(
        {"/", "/assets/{name}", *(f"/{s}" for s in SECTIONS), *(f"/{s}/{{rest:path}}" for s in SECTIONS)}
    )


def router(built: Path) -> APIRouter:
    """Routes for the files in `built`; without a build every page is a 404 that says how to get one."""
    routes = APIRouter(include_in_schema=False)
    assets = {path.name: path for path in built.glob("assets/*") if path.suffix in _TYPES}
    index = built / "index.html"

    def page(request: Request) -> Response:
        if not index.is_file():
            raise NotFound(
                "This installation has no Studio: it was built with MUSTER_STUDIO=skip. The API is described at "
                "/docs; `muster admin key create` makes a key.",
                code="studio_not_built",
            )
        headers = {
            "Content-Security-Policy": CSP,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        }
        return _file(request, index, headers)

    def asset(name: str, request: Request) -> Response:
        path = assets.get(name)
        if path is None:
            raise NotFound("There is no such file. Reload the page.", code="no_such_route")
        # Names with a hash never change their content; the few others are asked about each time.
        is_hashed = _HASHED.search(name) is not None
        return _file(request, path, {"Cache-Control": _FOR_EVER if is_hashed else "no-cache"})

    _get(routes, "/assets/{name}", asset)
    for path in sorted(paths() - {"/assets/{name}"}):
        _get(routes, path, page)
    return routes


def _get(routes: APIRouter, path: str, answer: Callable[..., Response]) -> None:
    routes.add_api_route(path, answer, methods=["GET", "HEAD"], name=f"studio {path}")


def _file(request: Request, path: Path, headers: dict[str, str]) -> Response:
    headers = {"Vary": "Accept-Encoding", **headers}
    accepted = request.headers.get("accept-encoding")
    for coding, ending in _CODINGS:
        smaller = path.with_name(path.name + ending)
        if accepts_encoding(accepted, coding) and smaller.is_file():
            headers["Content-Encoding"] = coding
            return Response(smaller.read_bytes(), media_type=_TYPES[path.suffix], headers=headers)
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix], headers=headers)
