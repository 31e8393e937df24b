"""The plain sign-in page."""

from collections.abc import Callable
from importlib.resources import files

from fastapi import APIRouter, Response

PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_PAGES = {
    "/sign-in": ("sign_in.html", "text/html; charset=utf-8"),
    "/sign-in/sign_in.js": ("sign_in.js", "text/javascript; charset=utf-8"),
    "/sign-in/sign_in.css": ("sign_in.css", "text/css; charset=utf-8"),
}


def router() -> APIRouter:
    """The page and what it loads; the only routes without JSON."""
    routes = APIRouter(include_in_schema=False)
    for path, (name, media_type) in _PAGES.items():
        routes.add_api_route(path, _page(name, media_type), methods=["GET", "HEAD"], name=name)
    return routes


def _page(name: str, media_type: str) -> Callable[[], Response]:
    content = files("muster.accounts").joinpath("pages", name).read_bytes()
    headers = {
        "Content-Security-Policy": PAGE_CSP,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }

    def page() -> Response:
        return Response(content, media_type=media_type, headers=headers)

    return page
