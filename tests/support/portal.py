"""The simulated national portal alone, served from this process, and what it holds."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import uvicorn

from infra.sandbox.portal import application
from jobs.settings import Settings


class Door:
    """A portal that runs."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def settings(self, settings: Settings) -> Settings:
        """The settings with this portal in them, asked as fast as it can answer."""
        return settings.model_copy(
            update={
                "portal_url": f"{self.url}/_portal",
                "portal_credentials": f"file:{self.folder}/credentials.json#portal",
                "portal_requests_per_second": 2000,
            }
        )

    def environ(self, settings: Settings) -> dict[str, str]:
        """What a command of another process needs to send to it."""
        mine = self.settings(settings)
        return {
            "LIENTHONG_HOME": str(mine.home),
            "LIENTHONG_SANDBOX_URL": "",
            "LIENTHONG_SOURCE_PATHS": mine.source_paths,
            "LIENTHONG_PORTAL_URL": mine.portal_url,
            "LIENTHONG_PORTAL_CREDENTIALS": mine.portal_credentials,
            "LIENTHONG_PORTAL_REQUESTS_PER_SECOND": "2000",
        }

    def control(self, method: str = "GET", **body: Any) -> dict[str, Any]:
        """Totals; with POST faults are set, with DELETE taken away."""
        answer = httpx.request(method, f"{self.url}/_control/portal", json=body, timeout=60, trust_env=False)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told

    def holdings(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Every dossier that it holds, by agency and code."""
        answer = httpx.get(f"{self.url}/_control/portal/dossiers", timeout=60, trust_env=False)
        return {(one["madonvi"], one["MaHoSo"]): one for one in answer.raise_for_status().json()["dossiers"]}


@contextmanager
def portal(folder: Path) -> Iterator[Door]:
    """A portal over a folder; another call over the same folder goes on with what it holds."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(application(folder), log_level="critical", lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Door(folder, f"http://127.0.0.1:{listening.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join()
