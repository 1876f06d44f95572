"""``python -m tests.bench.pages``: the sandbox with a memory; a page costs it nothing when asked for again.

What a dialect's pull is measured by must not be how long the sandbox takes to put items into that system's
words, on the same cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.sandbox.server import application


class Remembering:
    """Answers a question for a page as it was answered first; all else goes through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._known: dict[tuple[bytes, ...], list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["query_string"]:
            return await self._app(scope, receive, send)
        conditions = dict(scope["headers"]).get(b"if-none-match", b"")
        asked = (scope["raw_path"], scope["query_string"], conditions)
        if asked not in self._known:
            answer: list[Message] = []

            async def keep(message: Message) -> None:
                answer.append(message)

            await self._app(scope, receive, keep)
            if answer[0]["status"] != 200:
                return await _sent(answer, send)
            self._known[asked] = answer
        return await _sent(self._known[asked], send)


async def _sent(answer: list[Message], send: Send) -> None:
    for message in answer:
        await send(message)


def main() -> None:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    uvicorn.run(
        Remembering(application(asked.home / "sandbox")),
        host="127.0.0.1",
        port=asked.port,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
