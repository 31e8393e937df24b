"""The guide is true: its connections are ones, and what it says a service answers is read as it says."""

import json
import re
from pathlib import Path
from typing import Any

from muster.enrichments.http.endpoint import Endpoint
from muster.enrichments.http.settings import HttpSettings
from muster.enrichments.provider_settings import ALLOW_PRIVATE
from muster.web.outgoing.caller import Reply

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "http-provider.md"
BLOCKS: list[dict[str, Any]] = [
    json.loads(block)
    for block in re.findall(r"^```json\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.M | re.S)
]
CONNECTIONS = [block for block in BLOCKS if "settings" in block]


def test_the_connections_of_the_guide_can_be_made() -> None:
    assert len(CONNECTIONS) == 2
    for block in CONNECTIONS:
        HttpSettings.model_validate(block["settings"], context={ALLOW_PRIVATE: False})


def test_the_answer_of_the_guide_is_read_as_it_says() -> None:
    settings = HttpSettings.model_validate(CONNECTIONS[0]["settings"])
    endpoint = Endpoint(settings, allow_private=False)
    inputs: list[dict[str, str | None]] = [{"domain": "example.org"}]
    assert endpoint.request(inputs).target == "/v1/companies/example.org"
    [result] = endpoint.results(inputs, Reply(200, {}, json.dumps(BLOCKS[0]).encode()))
    assert (list(result.values), result.confidence) == (["Example Ltd", "120", "false"], 0.87)
    assert settings.terms().price_micros == 2000


def test_every_member_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [
        name for name in HttpSettings.model_fields if f"`{name}`" not in text and f'"{name}"' not in text
    ] == []
