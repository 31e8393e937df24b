"""Words for browsers that people recognise; nothing else of the header survives."""

import pytest

from muster.accounts.user_agents import MAX_CHARACTERS, in_words


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/141.0.0.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.5 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "CriOS/141.0 Mobile/15E148 Safari/604.1",
            "Chrome on iOS",
        ),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        ("Mozilla/5.0 (compatible; something new)", "A browser"),
        ("Mozilla/5.0 (Windows NT 10.0) something new", "A browser on Windows"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("python-httpx2/2.16.2 (ana@example.org)", "python-httpx2/2.16.2"),
        ("my-job", "my-job"),
    ],
)
def test_a_program_is_named_in_words(sent: str, words: str) -> None:
    assert in_words(sent) == words


@pytest.mark.parametrize(
    "sent", [None, "", " ", "<script>alert(1)</script>", "(ana@example.org)", "\x1b[31m"]
)
def test_what_is_no_product_is_nobody(sent: str | None) -> None:
    assert in_words(sent) is None


def test_the_words_fit_where_they_are_kept_however_long_the_header() -> None:
    assert len(in_words("x" * 10_000) or "") == MAX_CHARACTERS
    assert len(in_words("Mozilla/5.0 " + "Firefox/ Linux " * 10_000) or "") <= MAX_CHARACTERS
