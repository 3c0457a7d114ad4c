"""``judge score``: from the words on the line to results, files and an exit code.

::

    options, checked before anything is asked -> Judge.score_many -> Output.report
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from judge.cli import options
from judge.cli.console import Code, complain
from judge.cli.judging import EMBEDDED, judge_all, named_model, opened, patience
from judge.errors import TranscriptError, UsageError

if TYPE_CHECKING:
    from judge.cli.judging import Stopped
    from judge.cli.output import Output
    from judge.cli.sources import Sources
    from judge.engine.run import Run

__all__ = ["score"]


def score(  # noqa: PLR0913  (each is one option of the command)
    sources: options.Sources,
    *,
    rubric: options.Rubrics = None,
    model: options.Model = None,
    store: options.StoreFile = None,
    calibration: options.CalibrationFiles = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
    fail_on_present: options.FailOnPresent = False,
    allow_baseline: options.AllowBaseline = False,
    budget_usd: options.BudgetUsd = None,
    budget_tokens: options.BudgetTokens = None,
    concurrency: options.Concurrency = 32,
    calls: options.Calls = "separate",
    score_from: options.ScoreFrom = "reply",
    read_as: options.Format = None,
    target: options.Target = None,
    api_base: options.ApiBase = None,
    temperature: options.Temperature = None,
    seed: options.Seed = None,
    max_output_tokens: options.MaxOutputTokens = None,
    context_tokens: options.ContextTokens = None,
    output_mode: options.OutputMode = None,
    repeat: options.Repeat = 0,
    timeout: options.Timeout = None,
    record: options.Record = None,
) -> int:
    """Judge transcripts on rubrics, and show the worst first.

    The judge is named by --model or JUDGE_MODEL; keys come from the variables litellm
    reads, such as OPENAI_API_KEY. What cannot be judged is shown as unscored, with the
    reason, and never counts as absent.
    """
    from judge.cli.output import Output
    from judge.cli.sources import Sources, counted
    from judge.engine.judge import Judge

    name = named_model(model)
    _refuse_baseline(name, wanted=fail_on_present, allowed=allow_baseline)
    read = Sources(sources, format=read_as, target=target)
    output = Output(file=out, as_json=as_json, quiet=quiet)
    output.check(read.paths, store=store, record=record)
    asked = _given(
        api_base=api_base,
        temperature=temperature,
        seed=seed,
        max_output_tokens=max_output_tokens,
        context_tokens=context_tokens,
        output_mode=_known_mode(output_mode),
    )
    retry = patience(timeout)
    with opened(store) as kept:
        judge = Judge(
            name,
            rubrics=rubric or None,
            store=kept,
            record=record,
            calls=calls,  # type: ignore[arg-type]  # Judge refuses any other
            score_from=score_from,  # type: ignore[arg-type]  # as above
            concurrency=concurrency,
            budget_usd=budget_usd,
            budget_tokens=budget_tokens,
            repeat=repeat,
            retry=retry,
            calibration=calibration or None,
            **asked,
        )
        # The screen is as fast as reading: to count first would double its time.
        transcripts = read if name == EMBEDDED else counted(read)
        run, stopped = judge_all(judge, transcripts, quiet=quiet)
        return _told(run, stopped, read, output, fail_on_present=fail_on_present)


def _refuse_baseline(name: str, *, wanted: bool, allowed: bool) -> None:
    if name == EMBEDDED and wanted and not allowed:
        raise UsageError(
            "--fail-on-present decides by the embedded screen here, a baseline with "
            "little skill; name a judge model, or add --allow-baseline if you mean it"
        )


def _known_mode(mode: str | None) -> str | None:
    from judge.engine.litellm_model import OutputMode

    known = get_args(OutputMode)
    if mode is not None and mode not in known:
        told = ", ".join(known)
        raise UsageError(f"--output-mode must be one of {told}, got {mode!r}")
    return mode


def _given(**settings: Any) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


def _told(
    run: Run,
    stopped: Stopped | None,
    sources: Sources,
    output: Output,
    *,
    fail_on_present: bool,
) -> int:
    for remark in sources.remarks(errors_only=output.quiet):
        complain(remark)
    if not len(run) and stopped is None:
        named = ", ".join(map(str, sources.paths))
        raise TranscriptError(f"there is no transcript to judge in {named}")
    output.report(run)
    if stopped is not None:
        complain(stopped.message, stopped.notes)
        return stopped.code
    if fail_on_present and any(tally.present for tally in run.tally.rubrics.values()):
        return Code.FOUND
    return Code.UNSCORED if run.unscored or sources.errors else Code.DONE
