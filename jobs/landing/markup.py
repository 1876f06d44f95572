"""Items of an XML file, one at a time: children as keys, attributes as ``@name``, what repeats as a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Protocol
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from jobs.landing.decoding import MAX_DEPTH, MAX_VALUES
from jobs.landing.forms import STATE, Unfit
from jobs.landing.records import LandedRow, row_of
from jobs.landing.spreadsheet import MAX_WRITTEN_ROW
from schemas.layout import Layout

_PART = 1 << 16
_NEAR = 3
"""Levels below the root on which the list of a document may be."""
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_AGAIN = "Remedy: mend it, and send the file again."


def xml_rows(stream: IO[bytes], layout: Layout) -> Iterator[LandedRow]:
    """Rows of an XML file: the elements at the layout's path below the root, without their namespaces.

    Raises:
        Unfit: It is not well-formed, has a DTD, an item beyond any limit, or nothing at that path.
    """
    path = layout.items.split(".") if layout.items else []
    for number, item in enumerate(_items(stream, path, frozenset(layout.lists)), 1):
        yield row_of(number, item, None, layout)


def _items(stream: IO[bytes], path: Sequence[str], lists: frozenset[str]) -> Iterator[Any]:
    document = _Document(path, lists)
    for _ in fed(stream, document):
        yield from document.taken()
    if document.others and not document.count:
        raise Unfit(f"no element at the path {'.'.join(path)!r} below the root. Remedy: state items {STATE}.")


class Listener(Protocol):
    """Whoever is told what stands in a document."""

    heard: int
    """Tags and texts so far."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        ...

    def end(self, name: str) -> None:
        """An element ends."""
        ...

    def data(self, text: str) -> None:
        """A piece of text."""
        ...

    def close(self) -> None:
        """The document ends."""
        ...


def fed(stream: IO[bytes], document: Listener) -> Iterator[None]:
    """Tells a document to whoever listens, part by part.

    Raises:
        Unfit: It is no XML that is read.
    """
    parser = XMLParser(target=document, forbid_dtd=True)
    quiet = 0
    try:
        while part := stream.read(_PART):
            heard = document.heard
            parser.feed(part)
            yield
            quiet = quiet + len(part) if document.heard == heard else 0
            if quiet > MAX_WRITTEN_ROW:  # The parser holds what has no end yet.
                raise Unfit(f"a tag or comment of more than {MAX_WRITTEN_ROW} bytes. {_AGAIN}")
        parser.close()
    except DefusedXmlException as error:
        raise Unfit("it declares a DTD. Remedy: send it without DOCTYPE and entities.") from error
    except ParseError as error:
        raise Unfit(f"line {error.position[0]}: not well-formed XML. {_AGAIN}") from error
    except (LookupError, ValueError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit("in an encoding that is not known. Remedy: save it as UTF-8.") from error
    yield


class _Element:
    """An element that is open."""

    def __init__(self, path: str, attributes: Mapping[str, str]) -> None:
        self.path = path
        """Names from its item on, without the item's; joined by points."""
        self.fields: dict[str, Any] = {}
        self.texts: list[str] = []
        self.is_nil = attributes.get(_NIL) in ("true", "1")
        for name, value in attributes.items():
            if name != _NIL:
                self.add(f"@{local(name)}", value)

    def add(self, name: str, value: Any, *, is_list: bool = False) -> None:
        """A child or an attribute; one that is there already makes a list of both."""
        if name not in self.fields:
            self.fields[name] = [value] if is_list else value
        elif isinstance(self.fields[name], list):
            self.fields[name].append(value)
        else:
            self.fields[name] = [self.fields[name], value]

    def value(self) -> Any:
        """What the element stands for: None, a text, or an object whose own text is ``#text``."""
        text = "".join(self.texts)
        if self.is_nil:
            return None
        if not self.fields:
            return text
        return {**self.fields, **({"#text": text} if text.strip() else {})}


class _Document:
    """What a parser tells of a document; holds the items of one part of it."""

    def __init__(self, path: Sequence[str], lists: frozenset[str]) -> None:
        self._path, self._lists = path, lists
        self._depth = self._matched = 0
        self._open: list[_Element] = []
        self._items: list[Any] = []
        self._values = self._characters = 0
        self.count = self.heard = self.others = 0
        """Items, tags and texts, and elements that lie on no way to an item."""

    def taken(self) -> list[Any]:
        """The items since the last call."""
        items, self._items = self._items, []
        return items

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self.heard += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unfit(f"XML that is nested deeper than {MAX_DEPTH}. {_AGAIN}")
        if self._open or self._is_item(name):
            self._values += 1 + len(attributes)
            self._count(sum(map(len, attributes.values())))
            above = self._open[-1].path if self._open else None
            own = "" if above is None else f"{above}.{local(name)}" if above else local(name)
            self._open.append(_Element(own, attributes))

    def _is_item(self, name: str) -> bool:
        """Whether an element outside of all items is one; its place on the path is kept."""
        step = self._depth - 2
        if step < 0 or self._matched < step:
            self.others += step >= 0
            return False
        is_on = step < len(self._path) and local(name) == self._path[step]
        self._matched += is_on
        self.others += not is_on and bool(self._path)
        return step + 1 == len(self._path) and is_on if self._path else step == 0

    def data(self, text: str) -> None:
        """A piece of an element's text."""
        self.heard += 1
        if self._open:
            self._count(len(text))
            self._open[-1].texts.append(text)

    def _count(self, characters: int) -> None:
        self._characters += characters
        if self._characters > MAX_WRITTEN_ROW or self._values > MAX_VALUES:
            raise Unfit(f"an item of more than {MAX_WRITTEN_ROW} characters or {MAX_VALUES} values. {_AGAIN}")

    def end(self, name: str) -> None:
        """An element ends."""
        self.heard += 1
        self._depth -= 1
        if self._open:
            element = self._open.pop()
            value = element.value()
            if self._open:
                self._open[-1].add(local(name), value, is_list=element.path in self._lists)
                return
            self._items.append(value)
            self.count += 1
            self._values = self._characters = 0
        self._matched = min(self._matched, max(0, self._depth - 1))

    def close(self) -> None:
        """The document ends."""


class _Paths:
    """Which elements hold which, near the surface of a document, and how often at a time."""

    def __init__(self) -> None:
        self.heard = 0
        self.below: dict[str, Counter[str]] = {}
        """Of each path below the root, empty for the root: how often a name is there within one element."""
        self._open: list[tuple[str, Counter[str]]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        del attributes
        self.heard += 1
        if 1 <= len(self._open) <= _NEAR + 1:
            self._open[-1][1][local(name)] += 1
        self._open.append((local(name), Counter()))

    def end(self, name: str) -> None:
        """An element ends."""
        del name
        self.heard += 1
        path = ".".join(one for one, _ in self._open[1:])
        if (found := self._open.pop()[1]) or not path:
            self.below[path] = self.below.get(path, Counter()) | found

    def data(self, text: str) -> None:
        """A piece of text."""
        self.heard += bool(text)

    def close(self) -> None:
        """The document ends."""

    def items(self, path: str = "", depth: int = 1) -> tuple[int, str]:
        """The items below an element: how often they are there within one other, and their path.

        They are what repeats outermost. Where nothing repeats, an element that has others of one name alone
        holds the items, as far as one of those has elements itself; any other with elements is the only item.
        """
        here = self.below.get(path, Counter())
        paths = {name: f"{path}.{name}" if path else name for name in here}
        if here and (most := max(here.values())) > 1:
            return most, next(paths[name] for name in here if here[name] == most)
        single = [one for one in paths.values() if one in self.below]
        deeper = [self.items(one, depth + 1) for one in single if len(self.below[one]) == 1 and depth < _NEAR]
        found = [one for one in deeper if one[0]] + [(1, one) for one in single]
        return max(found, key=lambda one: one[0], default=(0, ""))


def longest(stream: IO[bytes]) -> str:
    """The path of the elements that are a document's records, as far as that can be told; empty for none.

    Raises:
        Unfit: It is no XML that is read.
    """
    paths = _Paths()
    for _ in fed(stream, paths):
        pass
    return paths.items()[1]


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
