"""The program behind a request, in words people know: `Firefox on Linux`, `curl/8.5.0`; pure.

Only a few tell-tales are looked for: the words help somebody recognise their own browser in a list, nothing
is decided by them, and the header itself (which can tell people apart) is kept nowhere.
"""

import re

MAX_CHARACTERS = 60

_BROWSERS = (
    # First match wins: nearly everybody also claims to be Chrome or Safari.
    (re.compile(r"\bEdg(e|A|iOS)?/"), "Edge"),
    (re.compile(r"\b(OPR|Opera)/"), "Opera"),
    (re.compile(r"\bSamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"\b(Firefox|FxiOS)/"), "Firefox"),
    (re.compile(r"\b(Chrome|CriOS|Chromium|HeadlessChrome)/"), "Chrome"),
    (re.compile(r"\bVersion/.*\bSafari/"), "Safari"),
)
_SYSTEMS = (
    (re.compile(r"\b(iPhone|iPad|iPod)\b"), "iOS"),
    (re.compile(r"\bAndroid\b"), "Android"),
    (re.compile(r"\bWindows\b"), "Windows"),
    (re.compile(r"\bCrOS\b"), "ChromeOS"),
    (re.compile(r"\b(Macintosh|Mac OS X)\b"), "macOS"),
    (re.compile(r"\b(Linux|X11)\b"), "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/-]*")


def in_words(user_agent: str | None) -> str | None:
    """A browser and its system, or another program's first product token; None when it says nothing.

    At most MAX_CHARACTERS characters; never quotes anything but a product token (RFC 9110, 10.1.5).
    """
    text = (user_agent or "")[:500]
    if text.startswith("Mozilla/"):
        browser = next((name for shape, name in _BROWSERS if shape.search(text)), None)
        system = next((name for shape, name in _SYSTEMS if shape.search(text)), None)
        return f"{browser or 'A browser'} on {system}" if system else browser or "A browser"
    product = _PRODUCT.match(text)
    return product[0][:MAX_CHARACTERS] if product else None
