"""One request, put to one model, over everything that can go wrong.

::

    budget -> slot -> gate -> deadline -> ChatModel.complete
       retried while the failure is transient; anything else goes up as it is
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from judge.engine.budget import Amount, Budget
from judge.engine.chat_model import ChatModel, ChatRequest, Completion
from judge.engine.limiter import Limiter
from judge.engine.retry import Gate, RetryPolicy
from judge.errors import ModelError, TransientModelError, UsageError
from judge.verdict import Usage, total_cost

__all__ = ["ModelCaller"]


class EmptyReplyError(TransientModelError):
    """A reply of nothing: asked again, and paid for all the same."""

    def __init__(self, message: str, completion: Completion) -> None:
        super().__init__(message)
        self.completion = completion


class ModelCaller:
    """Shared by all judgements of a judge: one limit, one gate, one budget."""

    def __init__(
        self,
        model: ChatModel,
        *,
        retry: RetryPolicy,
        limiter: Limiter,
        budget: Budget,
        logprobs: bool = False,
        check: Callable[[Mapping[str, Any]], None] | None = None,
    ) -> None:
        self.model = model
        self.logprobs = logprobs
        self.retry = retry
        self.limiter = limiter
        self.budget = budget
        self.check = check
        """Raises where the parameters to be sent are not those to be had."""
        self.gate = Gate()
        self._checked = False
        self._checking = asyncio.Lock()

    async def ready(self) -> None:
        """Fail before the first call for what would fail them all.

        It may take seconds (litellm is imported) and so happens off the loop, which
        has to stay free for Ctrl-C.
        """
        if self._checked:
            return
        async with self._checking:
            if not self._checked:
                await asyncio.to_thread(self._check)
                self._checked = True

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the model's completion of ``request``.

        Raises
        ------
        ModelError
            The last attempt's, if retries did not help or could not.
        OverBudget
            If the budget has no room for it.
        """
        try:
            return await self._attempt(request)
        except TransientModelError as failure:
            return await self._again(request, failure)

    async def _again(
        self, request: ChatRequest, failure: TransientModelError | None
    ) -> Completion:
        """Go on after a first failure; most calls never need the machinery."""
        empty: list[Completion] = []
        async for attempt in self.retry.attempts_of_call():
            with attempt:
                try:
                    if failure is not None:
                        first, failure = failure, None
                        raise first
                    completion = await self._attempt(request)
                except EmptyReplyError as error:
                    empty.append(error.completion)
                    raise
        return _with_usage_of(empty, completion)

    def _check(self) -> None:
        self.model.prepare(logprobs=self.logprobs)
        if self.check is not None:
            self.check(self.model.params)
        if self.budget.usd is not None and self.model.price is None:
            raise UsageError(
                f"budget_usd needs a price, and none is known for {self.model.name}: "
                "give usd_per_million=(input, output), or budget_tokens instead"
            )

    async def _attempt(self, request: ChatRequest) -> Completion:
        output_tokens = request.output_tokens or self.model.limits.output
        held = await self.budget.reserve(request, self.model.price, output_tokens)
        used = held  # until it is known better: cut off in flight, it may be billed
        try:
            async with self.limiter.slot():
                await self.gate.passed()
                completion = await self._within_deadline(request)
            used = _used(completion, held)
        except ModelError as failure:
            used = held if failure.billed else Amount()
            self._adapt(failure)
            raise
        finally:
            await self.budget.settle(held, used)
        self.limiter.replied(throttled=False)
        if completion.finish == "stop" and not completion.text.strip():
            raise EmptyReplyError(
                f"{self.model.name} returned an empty reply", completion
            )
        return completion

    async def _within_deadline(self, request: ChatRequest) -> Completion:
        try:
            async with asyncio.timeout(self.retry.call_timeout):
                return await self.model.complete(request)
        except TimeoutError:
            raise TransientModelError(
                f"{self.model.name} gave no answer within "
                f"{self.retry.call_timeout:g} s",
                billed=True,
            ) from None

    def _adapt(self, failure: ModelError) -> None:
        if not isinstance(failure, TransientModelError):
            return
        self.limiter.replied(throttled=failure.throttled)
        if failure.retry_after is not None:
            self.gate.shut(failure.retry_after)


def _used(completion: Completion, held: Amount) -> Amount:
    """What a call took; what the reply does not say counts at its worst."""
    used = Amount.of(completion)
    usd = held.usd if completion.cost_usd is None else used.usd
    return Amount(usd, used.tokens or held.tokens)


def _with_usage_of(others: Sequence[Completion], completion: Completion) -> Completion:
    """Charge a reply with the empty ones before it: they were paid for."""
    if not others:
        return completion
    every = (*others, completion)
    return replace(
        completion,
        usage=sum((one.usage for one in every), Usage()),
        cost_usd=total_cost(one.cost_usd for one in every),
    )
