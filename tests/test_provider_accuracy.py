"""The page about how right providers are says what is measured, for the truth sets that are installed."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from provider_accuracy import PAGE, TRUTHS, page  # noqa: E402  (a script, found by the line above)


def test_the_page_is_what_the_script_measures() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert page(None, written) == written, "Run scripts/provider_accuracy.py and commit the result."


def test_every_truth_set_has_its_numbers_on_the_page() -> None:
    written = PAGE.read_text(encoding="utf-8")
    for truth in TRUTHS:
        assert f"\n## {truth.heading}\n" in written
        assert f"Source: `{truth.package}` " in written
