"""``lienthong explain``: the whole way of a record, printed for a data engineer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import typer
from rich import markup
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from jobs.cli.call import Json, answers, call_of, drawn, emit, visible
from schemas.zone import HANOI

_ENDED = "dim"
Entry = Mapping[str, Any]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(explain)


def explain(
    ctx: typer.Context,
    key: Annotated[
        str,
        typer.Argument(help="Dossier code, id of a document, personal id, tax code, parcel id or entity id."),
    ],
    *,
    as_json: Json = False,
) -> None:
    """Print the whole way of a record: rows, decisions, golden values with their sources, databases."""
    from jobs.explain import explain as story  # noqa: PLC0415  (Spark is imported by those who use it)

    told = story(call_of(ctx).settings, key=key)
    emit(told, as_json=as_json, told=lambda: tell(told, answers()))


def tell(told: Entry, console: Console) -> None:
    """Prints an explanation."""
    console.print(Text(f"{told['kind']} {told['key']}", style="bold"))
    for part in _parts(told):
        console.print()
        console.print(part)


def _parts(told: Entry) -> Iterator[RenderableType]:
    if told["kind"] == "document":
        yield from _document(told)
        return
    yield _rows(told["rows"])
    if told["corrections"]:
        yield _corrections(told["corrections"])
    yield _facts(told["facts"])
    if told["decisions"]:
        yield _decisions(told["decisions"])
    for row in told["golden"]:
        yield _golden(row)
    if not told["golden"]:
        yield Text("Nothing of this stands in a register now.", style="yellow")
    yield from _databases(told["databases"])
    releases = ", ".join(one["version"] for one in told["releases"])
    yield Text(f"Open releases that count it: {releases or 'none yet'}")


def _document(told: Entry) -> Iterator[RenderableType]:
    shown = _drawn("Messages as received", "message", "received", "from", "what became of it")
    for row in told["rows"]:
        what = row["business_kind"] or row["message_kind"] or ""
        shown.add_row(
            _lines(f"{what} {row['status_code'] or ''}", escape(row["subject"] or "")),
            _instant(row["received_at"]),
            _lines(row["feed_id"], str(row["object_key"]), row["from_organ_id"] or ""),
            _lines(*_outcomes(row)),
        )
    yield shown
    if told["corrections"]:
        yield _corrections(told["corrections"])
    steps = _drawn("Statuses in order", "receiver", "status", "at", "does it count")
    for one in told["history"]["steps"]:
        counts = ["said before" if one["is_repeated"] else "held" if one["reasons"] else "counts"]
        steps.add_row(
            one["receiver"], one["code"], _instant(one["at"]), _lines(*counts, *_reasons(one["reasons"]))
        )
    yield steps
    state = "is revoked" if told["history"]["is_revoked"] else "stands"
    yield Text(f"The document {state}." if told["history"]["document"] else "The document has not come.")
    for one in told["answers"]:
        yield Text(f"It answers {one['document_id']}{'' if one['is_known'] else ', which has not come'}.")
    for one in told["answered_by"]:
        yield Text(f"It is answered by {one['document_id']}.")


def _drawn(title: str, *columns: str) -> Table:
    return drawn(title, columns, title_style="bold", header_style="cyan", show_lines=True)


def escape(text: str) -> str:
    """A value of a row as plain text within markup."""
    return markup.escape(visible(text))


def _rows(rows: Iterable[Entry]) -> Table:
    shown = _drawn("Rows as received", "dossier", "received", "from", "version", "what became of it")
    for row in rows:
        version = [
            f"v{row['sequence']}" if row["sequence"] is not None else "",
            f"status {row['status'] or '-'}",
        ]
        if row["withdrawn_at"]:
            version.append(f"[yellow]withdrawn {_instant(row['withdrawn_at'])}[/]")
        if row["corrected_at"]:
            version.append(f"[yellow]status corrected {_instant(row['corrected_at'])}[/]")
        checked = ", ".join(f"{count} {noun}" for noun, count in row["checks"].items())
        shown.add_row(
            _lines(
                escape(row["dossier_code"] or ""), escape(row["procedure"] or row["procedure_code"] or "")
            ),
            _instant(row["received_at"]),
            _lines(row["feed_id"], f"{row['object_key']} row {row['row_no']}"),
            _lines(*version),
            _lines(*_outcomes(row), f"[dim]rules checked: {checked}[/]"),
        )
    return shown


def _outcomes(row: Entry) -> Iterator[str]:
    for one in row["dispositions"]:
        again = f", again in {', '.join(map(str, one['again_in']))}" if one["again_in"] else ""
        yield f"[bold]{one['disposition']}[/] in batch {one['batch_id']} ({_instant(one['at'])}{again})"
        yield from _reasons(one["reasons"])
        if one["mapping"]:
            yield f"[dim]read by the mapping {one['mapping'][:12]}[/]"
        if one["gate"]:
            yield f"the gate {one['gate']['verdict']} the submission"
            yield from _reasons(one["gate"]["failed"])
    if taken := row["retraction"]:
        said = f"{taken['by']}, {_instant(taken['at'])}: {taken['reason']}"
        yield f"[yellow]its submission is retracted by {escape(said)}[/]"
    if row["same_content_as"]:
        yield f"same content as {row['same_content_as']}"


def _reasons(reasons: Iterable[Entry]) -> Iterator[str]:
    for reason in reasons:
        yield f"[red]{reason['code']}[/] {escape(reason['vi'])} [dim]{escape(reason['en'])}[/]"


def _corrections(corrections: Iterable[Entry]) -> Table:
    shown = _drawn("Corrections by stewards", "no.", "value", "sent", "corrected", "why", "by")
    for one in corrections:
        made = f"{one['made_by']}, {_instant(one['made_at'])}"
        gone = f"[yellow]withdrawn by {one['withdrawn_by']}, {_instant(one['withdrawn_at'])}: "
        withdrawn = f"{gone}{escape(one['withdrawn_reason'] or '')}[/]" if one["withdrawn_at"] else ""
        shown.add_row(
            str(one["correction_id"]),
            _lines(escape(one["path"]), _no_effect(one["fault"])),
            escape(one["sent"] or ""),
            escape(one["new_text"] or ""),
            _lines(escape(one["reason"]), escape(one["basis"])),
            _lines(made, withdrawn),
        )
    return shown


def _no_effect(fault: str | None) -> str:
    return f"[yellow]no effect: {escape(fault)}[/]" if fault else ""


def _facts(facts: Iterable[Entry]) -> Table:
    shown = _drawn("Facts", "fact", "asserts", "from", "valid from", "decided", "disposition")
    for fact in facts:
        values = ", ".join(f"{name}={value}" for name, value in fact["values"].items())
        shown.add_row(
            _lines(fact["fact_id"][:8], f"[bold]{fact['dataset']}.{fact['verb']}[/]", fact["row_key"]),
            escape(values),
            _source(fact["source"]),
            _instant(fact["valid_from"]),
            _instant(fact["decided_at"]),
            _lines(*_moves(fact)),
        )
    return shown


def _moves(fact: Entry) -> Iterator[str]:
    if not fact["moves"]:
        yield "pending: no merge has taken it yet"
    for move in fact["moves"]:
        was = f"{move['previous']} → " if move["previous"] else ""
        yield f"{was}[bold]{move['disposition']}[/] in batch {move['batch_id']}"
        yield from _reasons(move["reasons"])


def _decisions(decisions: Iterable[Entry]) -> Table:
    shown = _drawn("Identity decisions", "verdict", "record", "is compared with", "decided by", "evidence")
    for one in decisions:
        verdict = {"merge": "one entity", "apart": "[red]held apart[/]"}.get(one["verdict"], one["verdict"])
        shown.add_row(
            verdict,
            _source(one["record"]),
            _source(one["against"]),
            _lines(one["decided_by"], f"batch {one['batch_id']}", _instant(one["at"])),
            _lines(*(_reasons(one["reasons"]) if one["reasons"] else ["equal key, nothing contradicts"])),
        )
    return shown


def _golden(row: Entry) -> Table:
    state = "in force" if row["valid_to"] is None else f"ended {_instant(row['valid_to'])}"
    unresolved = "" if row["is_resolved"] else ", unresolved"
    place = " ".join(part for part in (row["aggregate_key"], row["row_key"]) if part)
    title = f"Golden {row['dataset']} {place} ({state}, entity {row['entity_id']}{unresolved})"
    shown = _drawn(escape(title), "attribute", "value", "source row", "why it stands", "what lost")
    for one in row["attributes"]:
        agreed = [
            f"[dim]also {source['dossier_code']} of {source['feed_id']}[/]" for source in one["also_said_by"]
        ]
        shown.add_row(
            one["name"],
            f"[bold]{escape(str(one['value']))}[/]",
            _source(one["source"]),
            _lines(f"{one['rule']}: {one['why']}", *agreed),
            _lines(*_losers(one["lost"])),
        )
    return shown


def _losers(lost: Iterable[Entry]) -> Iterator[str]:
    for one in lost:
        source = one["source"]
        told = f"{source['dossier_code']} of {source['feed_id']}: {one['why']}"
        yield f"{escape(str(one['value']))} [dim]{escape(told)}[/]"
        yield from _reasons(one["reasons"])


def _databases(databases: Mapping[str, list[Entry]]) -> Iterator[Table]:
    """History of each dataset with the periods; rows that the current table holds are marked."""
    for name, rows in databases.items():
        if not name.endswith("_history") or not rows:
            continue
        now = {one["version_digest"] for one in databases[name.removesuffix("_history")]}
        shown = _drawn(
            f"{name} in PostgreSQL", "row", "valid", "recorded", "batch", "begun by", "ended by", "now"
        )
        for row in rows:
            shown.add_row(
                escape(row["row_key"]),
                _period(row["valid_from"], row["valid_to"]),
                _period(row["recorded_from"], row["recorded_to"]),
                str(row["batch_id"]),
                row["begun_by"][:8],
                (row["ended_by"] or "")[:8],
                "current" if row["version_digest"] in now and row["recorded_to"] is None else "",
                style=_ENDED if row["recorded_to"] else None,
            )
        yield shown


def _source(source: Entry | None) -> str:
    if source is None:
        return ""
    place = f"{source['submission_id']} {source['object_no']}#{source['row_no']}"
    return _lines(escape(source["dossier_code"]), f"[dim]{place}[/]")


def _period(begin: datetime, end: datetime | None) -> str:
    return f"{_instant(begin)} – {_instant(end)}"


def _instant(value: datetime | None) -> str:
    """An instant in Viet Nam; a day where it is midnight."""
    if value is None:
        return ""
    local = value.astimezone(HANOI)
    is_day = (local.hour, local.minute, local.second) == (0, 0, 0)
    return local.strftime("%Y-%m-%d" if is_day else "%Y-%m-%d %H:%M")


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
