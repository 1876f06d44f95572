"""A proposal as a mapping file that a data engineer edits: every line with its evidence."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence

from jobs.sources.draft.propose import GroupProposal, Proposal
from jobs.sources.draft.sample import Sample
from schemas.core.dossiers import Dossiers

NEEDED = ("dossier_code", "procedure_code", "status", "updated_at", "accepted_at", "finished_at")
"""Without these no dossier takes effect."""
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Zl", "Zp"})
"""Categories of characters that command, or cannot be seen; a mark that stands alone is one of them."""


def mapping(
    name: str, sample: Sample, items: str, header: Sequence[Proposal], groups: Sequence[GroupProposal]
) -> str:
    """The file's text."""
    return "\n".join([*_head(name, sample, items), *_header(sample, header), *_items(groups)]) + "\n"


def _head(name: str, sample: Sample, items: str) -> Iterator[str]:
    yield f"# {name}: drafted from {sample.records} records. Read every line: a score is no proof."
    yield "# Right of each: score; the known name that this one is like; how many values the parser reads."
    yield "[layout]"
    yield f"items = {_text(items)}"
    yield '# identity = "…", changed = "…", clock = "…", delivery = ["…"]: keys of an item.'
    for one in sample.shapings:
        yield ""
        yield "[[shape]]"
        yield f"path = {_text(one.path)}"
        yield f"form = {_text(one.form)}"
        if one.pattern:
            yield f"pattern = {_text(one.pattern)}"
    yield ""


def _header(sample: Sample, header: Sequence[Proposal]) -> Iterator[str]:
    order = {field.name: place for place, field in enumerate(Dossiers.fields)}
    yield "[header]"
    for one in sorted(header, key=lambda one: order[one.canonical]):
        yield _line(one)
    mapped = {one.canonical for one in header}
    for name in NEEDED:
        if name not in mapped:
            yield f"# {name}: nothing is like it, and it is needed."
    left = sorted(set(sample.leaves) - {one.path for one in header})
    for path in left:
        yield f"# {_text(path)}: not mapped ({len(sample.leaves[path].values)} values)."


def _items(groups: Sequence[GroupProposal]) -> Iterator[str]:
    for one in groups:
        yield ""
        yield f"[items.{one.group}]"
        yield f"dataset = {_text(one.dataset)}"
        yield from (_line(proposal) for proposal in one.fields)
    yield ""
    yield "[groups]"
    for one in groups:
        yield f"{one.group} = {{ item = {_text(one.group)}, path = {_text(one.path)} }}"


def _line(one: Proposal) -> str:
    values = ", ".join(f"{_text(sent)} = {_text(meant)}" for sent, meant in one.values.items())
    table = f", values = {{ {values} }}" if values else ""
    told = f"# {one.score:.2f}; like {one.like}; {one.fits}"
    return f"{one.canonical} = {{ path = {_text(one.path)}, parser = {_text(one.parser)}{table} }}  {told}"


def _text(text: str) -> str:
    """A text of TOML that shows what it has: a sender's name can end no line, and turn none around."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSEEN else char for char in written)


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04X}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08X}"
