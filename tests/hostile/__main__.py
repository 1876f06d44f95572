"""``make hostile``: measures what the bombs' refusals cost and writes docs/hostile-input.md."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.hostile import document, memory


def main(target: Path) -> None:
    """Writes the document to a file."""
    with tempfile.TemporaryDirectory() as folder:
        found = memory.measured(Path(folder))
    target.write_text(document.kinds() + document.costs(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
