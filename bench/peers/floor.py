"""Peer (a), the floor: uvicorn reads the body, drops it and answers. Nothing in Python can be faster.

The receipt names the rows the client says it sent (`X-Bench-Rows`), because nothing here looks at the body.
"""

import os
from typing import Any

import uvicorn


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """ASGI application; every HTTP request gets the same 200."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body", False):
        pass
    rows = next((value for name, value in scope["headers"] if name == b"x-bench-rows"), b"0")
    answer = (
        b'{"status":"success","upload_id":"upl_0","session_token":"sess_0","rows_received":%d,'
        b'"message":"Batch upload successful"}' % int(rows)
    )
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        http="httptools",
        loop="uvloop",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
