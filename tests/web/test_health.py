"""Alive and ready: two answers for load balancers."""

from pathlib import Path

import pytest

from muster.errors import Unavailable
from muster.web import health
from muster.web.health import Readiness
from tests.support.app import RunningApp, running


def test_a_healthy_server_is_alive_and_ready(app: RunningApp) -> None:
    for path in ("/api/health/live", "/api/health/ready"):
        answer = app.client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "success"})


def test_every_dependency_that_fails_is_named() -> None:
    def down() -> None:
        raise Unavailable("no")

    readiness = Readiness({"database": lambda: None, "objects": down, "other": down})
    assert readiness.problems() == {"objects": "unavailable", "other": "unavailable"}


def test_dependencies_are_not_asked_more_often_than_the_answer_stays_fresh() -> None:
    asked = []
    readiness = Readiness({"database": lambda: asked.append(1)})
    for _ in range(100):
        assert readiness.problems() == {}
    assert len(asked) == 1


def test_an_old_answer_is_asked_again() -> None:
    asked = []
    readiness = Readiness({"database": lambda: asked.append(1)})
    readiness.problems()
    readiness._checked_at -= health._FRESH_SECONDS
    readiness.problems()
    assert len(asked) == 2


def test_a_mistake_in_a_check_is_not_taken_for_health() -> None:
    def bug() -> None:
        raise ValueError("a bug")

    readiness = Readiness({"database": bug})
    for _ in range(2):
        with pytest.raises(ValueError, match="a bug"):
            readiness.problems()


def test_a_server_without_its_objects_is_alive_but_not_ready(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as app:
        (data / "objects").rename(data / "lost")
        (data / "objects").write_text("not a directory any more")
        answer = app.client.get("/api/health/ready")
        assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
        assert int(answer.headers["retry-after"]) > 0
        assert [(issue["field"], issue["code"]) for issue in answer.json()["errors"]] == [
            ("objects", "unavailable")
        ]
        assert str(tmp_path) not in answer.text
        assert app.client.get("/api/health/live").status_code == 200
