"""Who may talk to the page: browsers that asked this computer for it by its loopback name, and no foreign page in them.

Any page in a browser may send requests to loopback addresses. A foreign one is known by its Origin, one that made its
own name mean 127.0.0.1 by the Host.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

HOSTS = ("127.0.0.1", "localhost")


class LoopbackOnly:
    """ASGI middleware."""

    def __init__(self, app: Any):
        self._app = app

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket") or is_own(scope["headers"]):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"only for pages of this computer's own address"})
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})


def is_own(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a request is of the page itself."""
    named = {name: value.decode("latin-1") for name, value in headers}
    host = named.get(b"host", "")
    origin = named.get(b"origin")
    return urlsplit(f"//{host}").hostname in HOSTS and (origin is None or urlsplit(origin).netloc == host)
