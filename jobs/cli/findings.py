"""``lienthong findings``: what is wrong with rows, corrections, replay, feedback to provinces."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from jobs.cli.call import At, Json, call_of, emit, line, table, waiting, worded
from jobs.errors import UsageFault

app = typer.Typer(
    no_args_is_help=True, help="Findings: list, show, correct, withdraw, replay, feedback to provinces."
)
Reference = Annotated[str, typer.Argument(help="Reference, as findings list shows it.")]
Reason = Annotated[str, worded("Why; it is recorded.")]
By = Annotated[str | None, typer.Option(help="Name of the person; who is logged in otherwise.")]
_MOST = 2**63 - 1
"""Number of a correction at most: what the store has room for."""
Province = Annotated[str | None, typer.Option(help="Code of a province.")]


@app.command("list")
def listed(
    ctx: typer.Context,
    province: Province = None,
    feed: Annotated[str | None, typer.Option(help="Feed id.")] = None,
    code: Annotated[str | None, typer.Option(help="Reason code.")] = None,
    register: Annotated[str | None, typer.Option(help="population, land, business or none.")] = None,
    effect: Annotated[str | None, typer.Option(help="quarantine, hold or note.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Findings to show; the counts are of all.")] = 50,
    as_json: Json = False,
) -> None:
    """Findings that stand, with counts by code; no personal value is shown."""
    from jobs.findings import listing  # noqa: PLC0415
    from jobs.findings.standing import Wanted  # noqa: PLC0415

    wanted = Wanted(province, feed, code, register, effect)
    answer = listing.listed(call_of(ctx).settings, wanted, limit=limit)

    def told() -> None:
        codes = [
            [one["findings"], one["code"], one["effect"], one["vi"], one["en"]] for one in answer["codes"]
        ]
        table("Codes", ("findings", "code", "effect", "vi", "en"), codes)
        if answer["statuses"]:
            names = ("feed_id", "status", "findings")
            table("Unknown statuses", names, [[one[name] for name in names] for one in answer["statuses"]])
        for one in answer["refused"]:
            reasons = "; ".join(f"{entry['code']} {entry['en']}" for entry in one["failed"])
            line(f"Refused as a whole: {one['submission_id']} ({reasons})")
            for entry in one["drift"]:
                line(f"  {entry['en']} Remedy: {entry['remedy']}")
        shown = ("reference", "effect", "province_code", "register_name", "procedure_code", "codes")
        rows = [[*[one[n] for n in shown[:-1]], ",".join(one["codes"])] for one in answer["findings"]]
        table(f"{len(rows)} of {answer['total']} findings", shown, rows)

    emit(answer, as_json=as_json, told=told)


@app.command()
def show(ctx: typer.Context, reference: Reference, as_json: Json = False) -> None:
    """The row behind a finding with every reason and the paths to correct. Shows personal values."""
    from jobs.findings import showing  # noqa: PLC0415

    answer = showing.shown(call_of(ctx).settings, reference=reference)

    def told() -> None:
        line(f"{answer['reference']}  dossier {answer['dossier_code']}  content {answer['content_digest']}")
        if answer["error"]:
            line(f"cannot be read: {answer['error']}")
        for finding in answer["findings"]:
            for one in finding["codes"]:
                line(f"{finding['effect']:<10} {one['code']:<12} {one['vi']} / {one['en']}")
        rows = [[one["path"], showing.compact(one["value"])] for one in answer["fields"]]
        table("Fields (path for findings correct, value as received)", ("path", "value"), rows)
        for one in answer["fields"]:
            if "fault" in one:
                line(f"The correction of {one['path']} has no effect: {one['fault']}")
        line(answer["raw"])

    emit(answer, as_json=as_json, told=told)


@app.command()
def correct(
    ctx: typer.Context,
    reference: Reference,
    path: Annotated[str, typer.Argument(help="dialect:group[i].attribute, as findings show prints it.")],
    reason: Reason,
    basis: Annotated[str, worded("Document that the correction rests on.")],
    value: Annotated[str | None, typer.Option(help="What the source should have sent.")] = None,
    absent: Annotated[bool, typer.Option("--absent", help="It should have sent nothing.")] = False,
    by: By = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Record a correction of a value; raw bytes stay, and findings replay puts it in force."""
    from jobs.findings import replay as verbs  # noqa: PLC0415
    from jobs.findings import showing  # noqa: PLC0415

    if (value is None) != absent:
        raise UsageFault("Say what should have been sent.", "give --value TEXT, or --absent for nothing.")
    call = call_of(ctx)
    content = showing.content_to_correct(call.settings, reference=reference, path=path, text=value)
    number = verbs.correct(
        call.settings,
        content_digest=content,
        path=path,
        new_text=value,
        reason=reason,
        basis=basis,
        by=by or call.person(),
        at=call.at(at),
    )
    emit({"correction": number}, as_json=as_json, told=lambda: line(f"Correction {number} is recorded."))


@app.command()
def withdraw(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(min=1, max=_MOST, help="Number of the correction.")],
    reason: Reason,
    by: By = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Take a correction back; findings replay puts that in force."""
    from jobs.findings import replay as verbs  # noqa: PLC0415

    call = call_of(ctx)
    verbs.withdraw(call.settings, number, reason=reason, by=by or call.person(), at=call.at(at))
    told = {"correction_id": number, "is_withdrawn": True}
    emit(told, as_json=as_json, told=lambda: line(f"Correction {number} is withdrawn."))


@app.command()
def replay(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(help="Submissions, or references of findings.")],
    accept_gate: Annotated[bool, typer.Option("--accept-gate", help="Let them pass the gate.")] = False,
    reason: Annotated[str | None, worded("Why they may pass the gate; recorded.")] = None,
    by: By = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Conform submissions again, under today's rules and corrections; the next sync merges them."""
    from jobs.findings import replay as verbs  # noqa: PLC0415

    if accept_gate != (reason is not None):
        raise UsageFault("A gate is overruled with a reason.", "give --accept-gate and --reason together.")
    call = call_of(ctx)
    acceptance = verbs.Acceptance(by or call.person(), reason) if reason is not None else None
    submissions = verbs.submissions_of(call.settings, names)
    receipt = verbs.replay(call.settings, at=call.at(at), submission_ids=submissions, acceptance=acceptance)
    words = ("batch_id", "submissions", "counts", "facts", "gate", "left_out")
    answer = {name: receipt[name] for name in words}
    emit(answer, as_json=as_json, told=lambda: _replayed(answer))


def _replayed(answer: dict[str, Any]) -> None:
    names = ("submission_id", "register", "disposition", "rows")
    table(f"Batch {answer['batch_id']}", names, [[one[name] for name in names] for one in answer["counts"]])
    for one in answer["gate"]:
        line(f"{one['submission_id']}: {one['verdict']} at the gate")
    waiting(answer["left_out"])


@app.command()
def feedback(ctx: typer.Context, province: Province = None, at: At = None, as_json: Json = False) -> None:
    """Write each province's feedback of the day to the private bucket, as JSON and CSV."""
    from jobs.findings import feedback as verbs  # noqa: PLC0415

    call = call_of(ctx)
    files = verbs.feedback(call.settings, at=call.at(at), province=province)
    rows = [[one["province"], one["findings"], one["key"]] for one in files]
    emit(files, as_json=as_json, told=lambda: table("Feedback", ("province", "findings", "key"), rows))
