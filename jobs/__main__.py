"""``lienthong``: the command line of the pipeline. Exit codes are those of ``jobs.errors``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jobs import faults
from jobs.errors import LienthongError, UsageFault

_INTERRUPTED = 130
"""What Typer makes of Ctrl-C, and shells expect."""


class _Failure(NamedTuple):
    kind: str
    error: str
    remedy: str | None
    exit_code: int


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Runs one command and gives its exit code."""
    from jobs.cli.app import app  # noqa: PLC0415  (errors of importing are told like others)
    from jobs.cli.call import Call  # noqa: PLC0415

    words = list(sys.argv[1:] if argv is None else argv)
    call = Call(dict(os.environ) if environ is None else environ)  # noqa: TID251  (the edge)
    try:
        _require_text(words)
        ended = app(args=words, obj=call, prog_name="lienthong", standalone_mode=False)
    except Exception as error:
        failure = _failure(words, error)
        if failure.kind == "Fault" and call.environ.get("LIENTHONG_DEBUG"):
            raise
        return _told(words, failure)
    if ended == _INTERRUPTED:
        return _told(
            words, _Failure("Interrupted", "Stopped.", "run the same command again to go on.", _INTERRUPTED)
        )
    return ended if isinstance(ended, int) else 0


def _require_text(words: Sequence[str]) -> None:
    """Refuses bytes that are no text: no store takes them.

    Raises:
        UsageFault: An argument is not UTF-8.
    """
    try:
        "".join(words).encode()
    except UnicodeEncodeError as error:
        raise UsageFault("An argument is not UTF-8.", "type it in a terminal of UTF-8.") from error


def _failure(words: Sequence[str], error: Exception) -> _Failure:
    """What is said of an error; a foreign one's text is withheld."""
    from typer import Abort  # noqa: PLC0415
    from typer.exceptions import TyperException  # noqa: PLC0415

    from jobs.cli.app import command_of  # noqa: PLC0415

    match error:
        case LienthongError():
            return _Failure(type(error).__name__, error.message, error.remedy, error.exit_code)
        case TyperException():
            return _Failure("Usage", str(error) or "Name a command.", None, UsageFault.exit_code)
        case Abort():
            return _Failure("Stopped", "The answer was not yes; nothing was done.", None, 1)
        case _:
            told = faults.told(command_of(words), error)
            return _Failure("Fault", told, "LIENTHONG_DEBUG=1 shows all of it.", 1)


def _told(words: Sequence[str], failure: _Failure) -> int:
    """Says why a command failed, to people and with ``--json`` to machines; its exit code."""
    from rich.text import Text  # noqa: PLC0415

    from jobs.cli.call import console, visible  # noqa: PLC0415

    if "--json" in words:
        said = failure._asdict()
        said.pop("kind")
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    remedy = "" if failure.remedy is None else f" Remedy: {failure.remedy}"
    console.print(Text.assemble((failure.kind, "red"), f": {visible(failure.error + remedy)}"))
    return failure.exit_code


if __name__ == "__main__":
    sys.exit(main())
