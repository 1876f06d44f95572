"""What an HTTP answer asks of a guest, and its content within a limit."""

from __future__ import annotations

import httpx2 as httpx


def wait_of(answer: httpx.Response, most: int) -> int | None:
    """Seconds that its Retry-After asks for, at most so many; None where it names no number.

    RFC 9110 §10.2.3. The header's other form, a date, is left to our own patience: clocks of guests and
    hosts differ.
    """
    wait = answer.headers.get("retry-after", "")
    return min(int(wait[:9]), most) if wait.isascii() and wait.isdecimal() else None


def content_of(answer: httpx.Response, most: int) -> tuple[bytes, bool]:
    """The content, unpacked piece by piece, and whether that is all; no more than ``most`` bytes are kept."""
    data = bytearray()
    for part in answer.iter_bytes():
        data += part
        if len(data) > most:
            return bytes(data[:most]), False
    return bytes(data), True
