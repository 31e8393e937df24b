"""Studio's files: nothing outside the build is served, and what is served may be kept as long as it holds."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from muster.web import errors, studio


def client_of(built: Path) -> TestClient:
    app = FastAPI()
    errors.install(app)
    app.router.routes.extend(studio.router(built).routes)
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<title>Studio</title>")
    (assets / "index-Abc_12-x.js").write_text("plain")
    (assets / "index-Abc_12-x.js.br").write_bytes(b"by brotli")
    (assets / "index-Abc_12-x.js.gz").write_bytes(b"by gzip")
    (assets / "icon.svg").write_text("<svg/>")
    return tmp_path / "dist"


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "../index.html",
        "..%2Findex.html",
        "%2e%2e%2f%2e%2e%2fsecret.txt",
        "index-Abc_12-x.js.gz",
    ],
)
def test_only_files_of_the_build_are_served(built: Path, name: str) -> None:
    assert client_of(built).get(f"/assets/{name}").status_code == 404


def test_without_a_build_every_page_says_how_to_get_one(tmp_path: Path) -> None:
    answer = client_of(tmp_path).get("/uploads")
    assert answer.status_code == 404
    assert answer.json()["code"] == "studio_not_built"


def test_every_address_of_studio_gets_the_page_and_no_other(built: Path) -> None:
    client = client_of(built)
    for path in ("/", "/uploads", "/uploads/upl_1/import", "/sign-in", "/settings"):
        assert client.get(path).text == "<title>Studio</title>", path
    for path in ("/api/nothing", "/uploadsx", "/favicon.ico"):
        assert client.get(path).status_code == 404, path


def test_the_page_may_run_only_its_own_scripts(built: Path) -> None:
    headers = client_of(built).get("/uploads").headers
    assert "script-src 'self';" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"


def test_names_with_a_hash_are_kept_for_ever_and_the_others_asked_about(built: Path) -> None:
    client = client_of(built)
    plain = {"Accept-Encoding": "identity"}
    assert "immutable" in client.get("/assets/index-Abc_12-x.js", headers=plain).headers["cache-control"]
    assert client.get("/assets/icon.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, br", "br", b"by brotli"),
        ("gzip", "gzip", b"by gzip"),
        ("br;q=0, gzip", "gzip", b"by gzip"),
        ("identity", None, b"plain"),
    ],
)
def test_the_compressed_copy_goes_to_those_who_take_it(
    built: Path, accepted: str, coding: str | None, body: bytes
) -> None:
    with client_of(built).stream(
        "GET", "/assets/index-Abc_12-x.js", headers={"Accept-Encoding": accepted}
    ) as answer:
        assert answer.headers.get("content-encoding") == coding
        assert b"".join(answer.iter_raw()) == body
        assert answer.headers["vary"] == "Accept-Encoding"
