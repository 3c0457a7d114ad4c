"""Judging from wherever one is: a script, a notebook's loop, threads, two loops."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from judge import Judge, Run, RunInterrupted, UsageError, Verdict, ascore, ascore_many
from judge.engine.chat_model import ChatRequest
from tests.support.judging import IMPATIENT, MODEL, OwnModel, reasons, talk, talks
from tests.support.provider import BadKey, Hang, Hold, Provider, Valid, verdict

MakeJudge = Callable[..., Judge]
# litellm begins a call in a thread; one cancelled just then is never awaited.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .*acompletion.* was never")


def status(assessment: Any) -> str:
    return str(assessment["deception"].status)


def idle(provider: Provider) -> None:
    """Return when no request is out any more."""
    for _ in range(250):
        if provider.stats.in_flight == 0:
            return
        threading.Event().wait(0.02)
    raise TimeoutError(f"{provider.stats.in_flight} requests are still out")


def test_score_works_where_a_loop_is_running(make_judge: MakeJudge) -> None:
    async def cell() -> str:
        return status(make_judge().score(talk()))

    assert asyncio.run(cell()) == "scored"


def test_score_many_works_where_a_loop_is_running(make_judge: MakeJudge) -> None:
    async def cell() -> Run:
        return make_judge().score_many(talks(10))

    assert reasons(asyncio.run(cell())) == {"scored": 10}


def test_the_callers_loop_runs_on_while_it_awaits(
    provider: Provider, make_judge: MakeJudge
) -> None:
    provider.reset(script=[Hold()])

    async def main() -> tuple[str, int]:
        judging = asyncio.create_task(make_judge().ascore(talk()))
        turns = 0
        while not judging.done():
            turns += 1
            if provider.stats.requests:
                provider.release()
            await asyncio.sleep(0.01)
        return status(await judging), turns

    assert asyncio.run(main())[0] == "scored"


def test_one_judge_serves_two_loops_one_after_the_other(make_judge: MakeJudge) -> None:
    judge = make_judge(budget_usd=1)
    found = [status(asyncio.run(judge.ascore(talk(n)))) for n in range(2)]
    assert found == ["scored", "scored"]


def test_the_functions_can_be_awaited_too(provider: Provider, openai_key: None) -> None:
    options: dict[str, Any] = {
        "model": MODEL,
        "api_base": provider.base_url,
        "rubrics": "deception",
        "retry": IMPATIENT,
    }

    async def main() -> tuple[str, Run]:
        one = await ascore(talk(), **options)
        return status(one), await ascore_many(talks(3), **options)

    one, run = asyncio.run(main())
    assert (one, reasons(run)) == ("scored", {"scored": 3})


def test_many_can_be_awaited_at_once(make_judge: MakeJudge) -> None:
    judge = make_judge(concurrency=4)

    async def main() -> list[Run]:
        return await asyncio.gather(
            *(judge.ascore_many(talks(10)[start:]) for start in (0, 5))
        )

    first, second = asyncio.run(main())
    assert [len(first), len(second)] == [10, 5]
    assert [one.transcript_id for one in second] == [f"talk-{n}" for n in range(5, 10)]


@pytest.mark.parametrize("stored", [False, True], ids=["in memory", "in a store"])
def test_a_cancelled_run_asks_nothing_more(
    provider: Provider, make_judge: MakeJudge, tmp_path: Path, *, stored: bool
) -> None:
    provider.reset(respond=lambda body: Hang())
    judge = make_judge(concurrency=8, store=tmp_path / "s.db" if stored else None)

    async def main() -> None:
        judging = asyncio.create_task(judge.ascore_many(talks(50)))
        await asyncio.to_thread(provider.wait_for, 8)
        judging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await judging

    asyncio.run(main())
    if judge.store is not None:  # it was told before the await came back
        assert [run.state for run in judge.store.runs()] == ["stopped"]
    idle(provider)
    assert provider.stats.requests == 8
    # The judge is none the worse for it.
    provider.reset(respond=None)
    assert reasons(judge.score_many(talks(50))) == {"scored": 50}


def test_a_timeout_around_an_awaited_judgement_ends_it(
    provider: Provider, make_judge: MakeJudge
) -> None:
    provider.reset(respond=lambda body: Hang())
    judge = make_judge()

    async def main() -> None:
        async with asyncio.timeout(0.3):
            await judge.ascore(talk())

    judge.score([])  # starts the loop: an AI that says nothing is not asked about
    with pytest.raises(TimeoutError):
        asyncio.run(main())
    idle(provider)
    asked = provider.stats.requests
    provider.reset(respond=None)
    assert status(judge.score(talk())) == "scored"
    assert asked <= 1


def test_what_is_given_up_before_it_could_begin_is_not_waited_for() -> None:
    """The loop may be busy: importing litellm alone takes seconds."""
    entered, free = threading.Event(), threading.Event()

    async def answer(request: ChatRequest) -> str:
        entered.set()
        free.wait(10)  # blocks the loop, as a model of one's own should not
        return verdict()

    judge = Judge(OwnModel(answer), rubrics="deception")

    async def main() -> str:
        first = asyncio.create_task(judge.ascore(talk(1)))
        await asyncio.to_thread(entered.wait, 10)
        asyncio.get_running_loop().call_later(0.2, free.set)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await judge.ascore(talk(2))
        return status(await first)

    started = time.perf_counter()
    assert asyncio.run(main()) == "scored"
    assert time.perf_counter() - started < 5


def test_threads_share_a_judge(provider: Provider, make_judge: MakeJudge) -> None:
    provider.reset(latency="fixed:0.01")
    judge = make_judge(concurrency=6)
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda n: judge.score_many(talks(10 + n)), range(4)))
    assert [reasons(run) for run in runs] == [{"scored": 10 + n} for n in range(4)]
    assert provider.stats.max_in_flight <= 6  # of them all together


def test_threads_share_a_store(
    provider: Provider, make_judge: MakeJudge, tmp_path: Path
) -> None:
    judges = [make_judge(store=tmp_path / "s.db") for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda judge: judge.score_many(talks(30)), judges))
    assert [reasons(run) for run in runs] == [{"scored": 30}] * 3


def test_a_model_that_is_itself_a_judge_can_await_it(make_judge: MakeJudge) -> None:
    inner = make_judge()

    async def answer(request: ChatRequest) -> str:
        return verdict(explanation=status(await inner.ascore(talk())))

    judge = Judge(OwnModel(answer), rubrics="deception")
    result = judge.score(talk())["deception"]
    assert isinstance(result, Verdict)
    assert result.explanation == "scored"


def test_a_judgement_that_would_wait_for_itself_is_refused(
    make_judge: MakeJudge,
) -> None:
    """It would stand still for ever otherwise."""
    inner = make_judge()

    async def answer(request: ChatRequest) -> str:
        return verdict(explanation=status(inner.score(talk())))

    with pytest.raises(UsageError, match="ascore"):
        Judge(OwnModel(answer), rubrics="deception").score(talk())

    def screened() -> Iterator[dict[str, Any]]:
        for one in talks(3):
            if status(inner.score(one)) == "scored":
                yield one

    with pytest.raises(UsageError, match="ascore"):
        make_judge().score_many(screened())


@pytest.fixture
def ctrl_c(provider: Provider) -> Iterator[Callable[[int], None]]:
    """Press Ctrl-C once so many requests have come in."""
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach the main thread only")
    pressing: list[threading.Thread] = []

    def press(requests: int) -> None:
        main = threading.main_thread().ident
        assert main is not None
        try:
            provider.wait_for(requests, timeout=60)
        finally:  # a test that waits in vain must fail, not hang
            signal.pthread_kill(main, signal.SIGINT)

    def after(requests: int) -> None:
        pressing.append(threading.Thread(target=press, args=[requests]))
        pressing[0].start()

    yield after
    pressing[0].join(10)


def test_ctrl_c_hands_over_what_was_finished_without_a_store_too(
    provider: Provider, make_judge: MakeJudge, ctrl_c: Callable[[int], None]
) -> None:
    provider.reset(script=[Valid()] * 5, respond=lambda body: Hang())
    judge = make_judge(concurrency=4)
    ctrl_c(9)
    with pytest.raises(RunInterrupted, match="5 of 50") as caught:
        judge.score_many(talks(50))
    assert isinstance(caught.value.run, Run)
    assert reasons(caught.value.run) == {"scored": 5}
    idle(provider)
    assert provider.stats.requests == 9
    assert isinstance(caught.value, KeyboardInterrupt)  # no `except` eats it


def test_ctrl_c_ends_a_single_judgement(
    provider: Provider, make_judge: MakeJudge, ctrl_c: Callable[[int], None]
) -> None:
    provider.reset(script=[Hang()])
    ctrl_c(1)
    with pytest.raises(KeyboardInterrupt):
        make_judge().score(talk())
    idle(provider)
    assert provider.stats.requests == 1


def test_ctrl_c_in_the_middle_of_starting_leaves_nothing_running(
    provider: Provider, make_judge: MakeJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop may be at work before the caller holds anything to cancel."""
    provider.reset(script=[Hang()])
    hand_over = asyncio.run_coroutine_threadsafe

    def interrupted(*args: Any) -> None:
        hand_over(*args)
        provider.wait_for(1)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "run_coroutine_threadsafe", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make_judge().score(talk())
    idle(provider)


def test_ctrl_c_before_anything_was_handed_over_ends_at_once(
    make_judge: MakeJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(coroutine: Any, loop: Any) -> None:
        coroutine.close()
        raise KeyboardInterrupt

    started = time.perf_counter()
    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "run_coroutine_threadsafe", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make_judge().score(talk())
    assert time.perf_counter() - started < 5


def test_a_run_that_cannot_go_on_leaves_nothing_running(
    provider: Provider, make_judge: MakeJudge
) -> None:
    provider.reset(script=[Hang()] * 7 + [BadKey()], respond=lambda body: Hang())
    with pytest.raises(Exception, match="key"):
        make_judge(concurrency=8).score_many(talks(50))
    idle(provider)
    assert provider.stats.requests == 8


def test_a_script_that_awaits_ends_quietly(
    provider: Provider,
    openai_key: None,
    python: Callable[..., subprocess.Popen[str]],
) -> None:
    code = """
import asyncio, sys, judge
from tests.support.judging import talk, talks
options = {"model": "openai/gpt-4o-mini", "rubrics": "deception"}
options["api_base"] = sys.argv[1]
async def main():
    print((await judge.ascore(talk(), **options))["deception"].status)
    judging = asyncio.create_task(judge.ascore_many(talks(100), **options))
    await asyncio.sleep(0.1)
    judging.cancel()
asyncio.run(main())
"""
    out, err = python(code, provider.base_url).communicate(timeout=60)
    assert (out, err) == ("scored\n", "")
