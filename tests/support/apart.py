"""Which tests share a process: those of a file, and those of a folder that has fixtures of its own."""

from __future__ import annotations

from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

TOP = Path(__file__).parents[2]


class BySetUp(LoadScopeScheduling):
    """Hands out files, or whole folders where a ``conftest.py`` beside the tests sets up what they share."""

    def _split_scope(self, nodeid: str) -> str:
        return set_up_of(nodeid)


def set_up_of(nodeid: str) -> str:
    """The file or folder whose tests stay together with a test; a path below the project.

    Args:
        nodeid: The test's id.
    """
    file = Path(nodeid.partition("::")[0])
    shares = file.parent.name != "tests" and (TOP / file.parent / "conftest.py").exists()
    return str(file.parent if shares else file)
