"""``lienthong``: the command line of the pipeline. Exit codes are those of ``jobs.errors``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence

from jobs import faults
from jobs.errors import LienthongError


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Runs one command and gives its exit code."""
    from typer.exceptions import TyperException  # noqa: PLC0415

    from jobs.cli.app import app  # noqa: PLC0415  (errors of importing are told like others)
    from jobs.cli.call import Call, console  # noqa: PLC0415

    words = list(sys.argv[1:] if argv is None else argv)
    call = Call(dict(os.environ) if environ is None else environ)  # noqa: TID251  (the edge)
    try:
        ended = app(args=words, obj=call, prog_name="lienthong", standalone_mode=False)
    except LienthongError as fault:
        if "--json" in words:
            said = {"error": fault.message, "remedy": fault.remedy, "exit_code": fault.exit_code}
            sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        console.print(f"[red]{type(fault).__name__}[/]: {fault}", highlight=False)
        return fault.exit_code
    except TyperException as fault:
        console.print(f"[red]Usage[/]: {fault}", highlight=False)
        return 2
    except Exception as error:
        if call.environ.get("LIENTHONG_DEBUG"):
            raise
        told = faults.told(" ".join(words[:2]), error)
        console.print(f"[red]Fault[/]: {told} LIENTHONG_DEBUG=1 shows all of it.", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted; run the same command again to go on.")
        return 130
    return ended if isinstance(ended, int) else 0


if __name__ == "__main__":
    sys.exit(main())
