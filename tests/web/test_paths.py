"""A path of fixed words is never an id of the pattern beside it."""

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Match

from muster.web.paths import keep_fixed_words_apart


def routes() -> list[APIRoute]:
    api = APIRouter()
    api.post("/things/try")(lambda: None)
    api.get("/things/{thing_id}")(lambda thing_id: thing_id)
    api.get("/things/{thing_id}/parts")(lambda thing_id: thing_id)
    return [route for route in api.routes if isinstance(route, APIRoute)]


def matched(found: list[APIRoute], method: str, path: str) -> list[str]:
    scope = {"type": "http", "method": method, "path": path}
    return [route.path for route in found if route.matches(scope)[0] is not Match.NONE]


def test_a_fixed_path_is_no_id_whatever_the_method_and_order() -> None:
    for found in (routes(), routes()[::-1]):
        keep_fixed_words_apart(found)
        for method in ("GET", "POST", "DELETE"):
            assert matched(found, method, "/things/try") == ["/things/try"]


def test_ids_that_only_begin_or_end_like_a_fixed_word_are_ids_still() -> None:
    found = routes()
    keep_fixed_words_apart(found)
    for name in ("tryst", "try.", "a-try", "TRY", "%74ry"):
        assert matched(found, "GET", f"/things/{name}") == ["/things/{thing_id}"]
    assert matched(found, "GET", "/things/try/parts") == ["/things/{thing_id}/parts"]
