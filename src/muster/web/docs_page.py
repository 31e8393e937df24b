"""The page at /docs: the OpenAPI document as plain HTML, without scripts or anything from another host."""

import json
from html import escape
from typing import Any

CSS = """:root{color-scheme:light dark;font-family:system-ui,sans-serif;line-height:1.5}
body{max-width:60rem;margin:0 auto;padding:1.5rem}
section{border-top:1px solid #8886;padding:1rem 0}
h2{font-size:1.1rem;margin:.2rem 0}code,pre{font-family:ui-monospace,monospace;font-size:.9rem}
pre{overflow:auto;padding:.8rem;background:#8881;border-radius:.4rem}
caption{text-align:left;font-weight:600}
td,th{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}
.method{display:inline-block;min-width:4.5rem;font-weight:700}
"""

CSP = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'"


def render(document: dict[str, Any]) -> str:
    """The whole page for one OpenAPI document."""
    info = document["info"]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(info['title'])} API</title>",
        '<link rel="stylesheet" href="/docs/style.css"></head><body><main>',
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1>",
        f"<p>{escape(info['description'])} The machine-readable form is ",
        '<a href="/api/openapi.json">/api/openapi.json</a>.</p>',
    ]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts.append(_operation(method, path, operation))
    parts.append("</main></body></html>")
    return "".join(parts)


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [
        f'<section><h2><span class="method">{method.upper()}</span> <code>{escape(path)}</code></h2>',
        f"<p><strong>{escape(operation.get('summary', ''))}</strong> ",
        f"{escape(operation.get('description', ''))}</p>",
    ]
    rows = "".join(_parameter(parameter) for parameter in operation.get("parameters", ()))
    if rows:
        parts.append(f"<table><caption>Parameters</caption><tbody>{rows}</tbody></table>")
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        example = content.get("example")
        if example is not None:
            text = example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
            parts.append(f"<p>Body, <code>{escape(media_type)}</code>:</p><pre>{escape(text)}</pre>")
    answers = "".join(
        f"<tr><th><code>{escape(str(status))}</code></th><td>{escape(answer.get('description', ''))}</td></tr>"
        for status, answer in operation["responses"].items()
    )
    parts.append(f"<table><caption>Answers</caption><tbody>{answers}</tbody></table></section>")
    return "".join(parts)


def _parameter(parameter: dict[str, Any]) -> str:
    name, place = escape(parameter["name"]), escape(parameter["in"])
    return f"<tr><th><code>{name}</code></th><td>{place}</td><td>{escape(parameter.get('description', ''))}</td></tr>"
