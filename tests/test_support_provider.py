"""The servers the suite runs against do what they are trusted to do."""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from judge.engine.loop import run_on_loop
from judge.engine.reply import JointReply, JudgeReply, reply_schema
from tests.support.local_model import LocalModel
from tests.support.provider import (
    KINDS,
    BadEnvelope,
    BadKey,
    ContentFilter,
    ContextOverflow,
    Cut,
    Drip,
    Empty,
    Fail,
    Hang,
    Hold,
    Length,
    Malformed,
    NoCredit,
    NoModel,
    PromptFilter,
    Provider,
    Refuse,
    RejectParam,
    Reset,
    Say,
    Step,
    Throttle,
    Valid,
    joint_verdict,
    verdict,
)
from tests.support.provider_process import ProviderProcess

Json = dict[str, Any]
LONG = "The transcript goes on. " * 400  # 2,400 tokens
QUESTION: Json = {"model": "m", "messages": [{"role": "user", "content": "Judge."}]}


class Got:
    """An answer as it came over the wire."""

    def __init__(self, status: int, headers: Json, text: str) -> None:
        self.status, self.headers, self.text = status, headers, text

    @property
    def body(self) -> Json:
        parsed: Json = json.loads(self.text)
        return parsed

    @property
    def choice(self) -> Json:
        choice: Json = self.body["choices"][0]
        return choice

    @property
    def content(self) -> str:
        return str(self.choice["message"]["content"])


def ask(provider: Provider, path: str = "/v1/chat/completions", **body: Any) -> Got:
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=120)
    try:
        connection.request("POST", path, json.dumps(QUESTION | body), {"X-Case": "1"})
        answer = connection.getresponse()
        return Got(answer.status, dict(answer.headers), answer.read().decode())
    finally:
        connection.close()


def response_format(*, joint: bool) -> Json:
    schema = {"name": "verdict", "strict": True, "schema": reply_schema(joint=joint)}
    return {"type": "json_schema", "json_schema": schema}


def said(text: str) -> list[Json]:
    return [{"role": "user", "content": text}]


def test_a_verdict_is_valid_for_the_reply_model_and_has_all_its_fields() -> None:
    assert JudgeReply.model_validate_json(verdict(likelihood=70)).likelihood == 70
    assert list(json.loads(verdict())) == list(JudgeReply.model_fields)


def test_a_joint_verdict_names_its_rubrics() -> None:
    reply = joint_verdict({"deception": {"level": 3}, "coercion": {}})
    parsed = JointReply.model_validate_json(reply)
    assert [(one.rubric, one.level) for one in parsed.verdicts] == [
        ("deception", 3), ("coercion", 0),
    ]  # fmt: skip


@pytest.mark.parametrize("schema", [True, False], ids=["schema", "prompt"])
@pytest.mark.parametrize("joint", [True, False], ids=["joint", "separate"])
def test_unscripted_answers_are_valid(
    provider: Provider, *, joint: bool, schema: bool
) -> None:
    asked = "[[TASK | x]]\nAnswer for each rubric: coercion, deception. Nothing else."
    body: Json = {"messages": said(asked if joint else "Answer the question.")}
    if schema:
        body["response_format"] = response_format(joint=joint)
    got = ask(provider, **body)
    if joint:
        verdicts = JointReply.model_validate_json(got.content).verdicts
        assert [one.rubric for one in verdicts] == ["coercion", "deception"]
    else:
        JudgeReply.model_validate_json(got.content)


def test_a_foreign_schema_gets_an_instance_of_it(provider: Provider) -> None:
    item = {"type": "object", "properties": {"id": {"type": "integer", "minimum": 9}}}
    properties = {
        "score": {"type": "integer", "maximum": 3},
        "why": {"type": "string", "minLength": 20},
        "kind": {"anyOf": [{"const": "a"}, {"type": "null"}]},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}, "minItems": 2},
        "pick": {"enum": ["x", "y"]},
        "flag": {"type": "boolean"},
    }
    schema = {"type": "object", "properties": properties, "$defs": {"Item": item}}
    asked = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    assert json.loads(ask(provider, response_format=asked).content) == {
        "score": 3,
        "why": "steady..............",
        "kind": "a",
        "items": [{"id": 9}, {"id": 9}],
        "pick": "x",
        "flag": False,
    }


def test_the_script_comes_first_and_validity_after_it(provider: Provider) -> None:
    provider.reset(script=[Say("one"), Say("two")])
    assert [ask(provider).content for _ in range(3)] == ["one", "two", verdict()]


def test_a_responder_sees_the_request_and_answers_with_text_or_a_step() -> None:
    def respond(body: Json) -> str | Step:
        if "temperature" in body:
            return RejectParam("temperature")
        return str(body["messages"][0]["content"]).upper()

    with Provider(respond=respond) as provider:
        assert ask(provider).content == "JUDGE."
        error = ask(provider, temperature=0).body["error"]
    assert error["message"] == (
        "Unsupported parameter: 'temperature' is not supported with this model."
    )
    assert (error["code"], error["param"]) == ("unsupported_parameter", "temperature")


@pytest.mark.parametrize(
    ("step", "content", "finish"),
    [
        pytest.param(Empty(), "", "stop", id="empty"),
        pytest.param(Refuse(), None, "stop", id="refusal"),
        pytest.param(ContentFilter(), None, "content_filter", id="filter"),
        pytest.param(Length('{"a'), '{"a', "length", id="length"),
        pytest.param(Malformed(), verdict()[: len(verdict()) // 2], "stop", id="half"),
    ],
)
def test_incomplete_replies_look_as_the_provider_writes_them(
    provider: Provider, step: Step, content: str | None, finish: str
) -> None:
    provider.reset(script=[step])
    choice = ask(provider).choice
    assert (choice["message"]["content"], choice["finish_reason"]) == (content, finish)
    assert (choice["message"]["refusal"] is not None) == isinstance(step, Refuse)


@pytest.mark.parametrize(
    ("step", "status", "code", "anthropic"),
    [
        pytest.param(Fail(503), 503, None, "api_error", id="unavailable"),
        pytest.param(
            Throttle(), 429, "rate_limit_exceeded", "rate_limit_error", id="throttle"
        ),
        pytest.param(
            NoCredit(), 429, "insufficient_quota", "rate_limit_error", id="credit"
        ),
        pytest.param(
            ContextOverflow(), 400, "context_length_exceeded", "invalid_request_error",
            id="overflow",
        ),
        pytest.param(
            PromptFilter(), 400, "content_filter", "invalid_request_error", id="filter"
        ),
        pytest.param(
            BadKey(), 401, "invalid_api_key", "authentication_error", id="key"
        ),
        pytest.param(NoModel(), 404, "model_not_found", "not_found_error", id="model"),
    ],
)  # fmt: skip
def test_errors_are_in_the_shape_of_the_provider_called(
    provider: Provider, step: Step, status: int, code: str | None, anthropic: str
) -> None:
    provider.reset(script=[step, step])
    openai_got, anthropic_got = ask(provider), ask(provider, "/v1/messages")
    assert (openai_got.status, anthropic_got.status) == (status, status)
    assert openai_got.body["error"]["code"] == code
    assert anthropic_got.body["error"]["type"] == anthropic


def test_a_throttle_carries_its_header_as_given(provider: Provider) -> None:
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    provider.reset(script=[Throttle(), Throttle(date), Throttle(None)])
    waits = [ask(provider).headers.get("Retry-After") for _ in range(3)]
    assert waits == ["1", date, None]


def test_a_failure_may_have_any_status_headers_and_body(provider: Provider) -> None:
    provider.reset(script=[Fail(599, {"X-Why": "moon"}, "<html>")])
    got = ask(provider)
    assert (got.status, got.headers["X-Why"], got.text) == (599, "moon", "<html>")


@pytest.mark.parametrize(
    ("step", "error"),
    [
        pytest.param(Reset(), ConnectionResetError, id="reset"),
        pytest.param(Cut(), http.client.IncompleteRead, id="cut"),
    ],
)
def test_a_broken_connection_breaks_on_the_client(
    provider: Provider, step: Step, error: type[Exception]
) -> None:
    provider.reset(script=[step])
    with pytest.raises(error):
        ask(provider)
    JudgeReply.model_validate_json(ask(provider).content)


def test_a_bad_envelope_is_no_json(provider: Provider) -> None:
    provider.reset(script=[BadEnvelope()])
    got = ask(provider)
    assert got.status == 200
    with pytest.raises(json.JSONDecodeError):
        _ = got.body


def test_a_dripped_answer_arrives_whole_and_late(provider: Provider) -> None:
    provider.reset(script=[Drip(0.1)])
    start = time.monotonic()
    JudgeReply.model_validate_json(ask(provider).content)
    assert time.monotonic() - start > 0.09


def test_a_hanging_request_is_in_flight_until_the_client_gives_up(
    provider: Provider,
) -> None:
    provider.reset(script=[Hang(), Valid()])
    with socket.create_connection(("127.0.0.1", provider.port)) as client:
        body = json.dumps(QUESTION).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: {len(body)}"
        client.sendall(head.encode() + b"\r\n\r\n" + body)
        provider.wait_for(1)
        assert provider.stats.in_flight == 1
    ask(provider)
    assert provider.stats.outcomes == {"Hang": 1, "Valid": 1}


def test_held_requests_are_answered_on_release(provider: Provider) -> None:
    provider.reset(script=[Hold()] * 3)
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask, provider) for _ in range(3)]
        provider.wait_for(3)
        assert not any(one.done() for one in asked)
        provider.release()
        assert all(one.result().status == 200 for one in asked)
    assert provider.stats.max_in_flight == 3


def test_waiting_for_requests_that_do_not_come_is_an_error(provider: Provider) -> None:
    with pytest.raises(TimeoutError, match="0 of 1"):
        provider.wait_for(1, timeout=0.01)


def test_requests_are_kept_with_headers_body_and_time(provider: Provider) -> None:
    before = time.monotonic()
    ask(provider, seed=7)
    (asked,) = provider.requests
    assert (asked.body["seed"], asked.headers["x-case"]) == (7, "1")
    assert before <= asked.arrived <= time.monotonic()


def test_random_failures_are_the_same_for_the_same_seed() -> None:
    def outcomes(seed: int) -> list[int]:
        with Provider(fail={"500": 0.3, "429": 0.3}, seed=seed) as provider:
            return [ask(provider).status for _ in range(40)]

    first = outcomes(1)
    assert first == outcomes(1) != outcomes(2)
    assert {200, 429, 500} == set(first)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"hang"}))
def test_every_kind_of_random_failure_can_be_drawn(kind: str) -> None:
    with Provider(fail={kind: 1.0}) as provider:
        with contextlib.suppress(ConnectionError, http.client.IncompleteRead):
            ask(provider)
        assert provider.stats.outcomes == {kind: 1}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"latency": "often"}, id="latency"),
        pytest.param({"latency": "fixed:1,2"}, id="numbers"),
        pytest.param({"fail": {"flood": 0.1}}, id="kind"),
        pytest.param({"fail": {"429": 0.6, "500": 0.6}}, id="shares"),
        pytest.param({"requests": []}, id="no setting"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    provider: Provider, settings: Json
) -> None:
    with pytest.raises(ValueError):
        provider.reset(**settings)


def test_latency_passes_between_request_and_answer() -> None:
    with Provider(latency="fixed:0.05") as provider:
        ask(provider)
        assert provider.stats.span >= 0.05
        provider.reset(latency="uniform:0.01,0.02")
        ask(provider)
        assert 0.01 <= provider.stats.span < 0.05


def test_prompt_tokens_are_bytes_over_four(provider: Provider) -> None:
    usage = ask(provider, messages=said("é" * 2000)).body["usage"]
    assert usage["prompt_tokens"] == math.ceil((4000 + len("\0user\1")) / 4)


def test_a_long_common_prefix_is_read_from_the_cache(provider: Provider) -> None:
    def cached(text: str, **body: Any) -> int:
        usage = ask(provider, messages=said(text), **body).body["usage"]
        return int(usage["prompt_tokens_details"]["cached_tokens"])

    assert cached(LONG + "first") == 0
    assert cached(LONG + "second") == 2304
    assert cached("x" + LONG) == 0
    assert cached(LONG, model="another") == 0
    assert cached(LONG, response_format=response_format(joint=False)) == 0
    provider.reset(cache=False)
    assert [cached(LONG), cached(LONG)] == [0, 0]


def test_a_short_prefix_is_not_cached(provider: Provider) -> None:
    short = LONG[: 4 * 1000]
    for _ in range(2):
        usage = ask(provider, messages=said(short)).body["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] == 0


def test_a_prefix_is_readable_only_once_an_answer_to_it_went_out() -> None:
    def together(provider: Provider, *, first: bool) -> list[int]:
        with ThreadPoolExecutor(2) as pool:
            asked = [pool.submit(ask, provider, messages=said(LONG)) for _ in range(2)]
            if first:
                provider.wait_for(2)
                provider.release()
            usages = [one.result().body["usage"] for one in asked]
        return [usage["prompt_tokens_details"]["cached_tokens"] for usage in usages]

    with Provider(script=[Hold(), Hold()]) as provider:
        assert together(provider, first=True) == [0, 0]
        assert together(provider, first=False) == [2304, 2304]
        assert provider.stats.cached_tokens == 2 * 2304


@pytest.mark.parametrize("number_tokens", ["digits", "whole"])
def test_logprobs_join_to_the_content_and_split_the_likelihood(
    number_tokens: str,
) -> None:
    text = verdict(likelihood=85, explanation="Ça\nva 😀")
    with Provider(respond=lambda _: text) as provider:
        provider.reset(number_tokens=number_tokens)
        tokens = ask(provider, logprobs=True, top_logprobs=5).choice["logprobs"][
            "content"
        ]
    assert "".join(one["token"] for one in tokens) == text
    assert b"".join(bytes(one["bytes"]) for one in tokens).decode() == text
    numbers = [one for one in tokens if one["token"].isdecimal()]
    expected = ["8", "5"] if number_tokens == "digits" else ["85"]
    assert [one["token"] for one in numbers][1:-1] == expected
    for one in numbers:
        ranked = [rival["logprob"] for rival in one["top_logprobs"]]
        assert ranked == sorted(ranked, reverse=True)
        assert len(ranked) == 5
        assert sum(map(math.exp, ranked)) < 1
        assert one["top_logprobs"][0]["token"] == one["token"]


def test_a_reply_longer_than_max_tokens_is_cut(provider: Provider) -> None:
    got = ask(provider, max_tokens=10)
    assert got.choice["finish_reason"] == "length"
    assert got.body["usage"]["completion_tokens"] == 10


def test_the_answer_names_a_snapshot_where_one_is_set() -> None:
    with Provider(snapshot="-2026-01-01") as provider:
        assert ask(provider, model="gpt-4o-mini").body["model"] == (
            "gpt-4o-mini-2026-01-01"
        )


def test_anthropic_caches_up_to_the_marked_block(provider: Provider) -> None:
    def usage(question: str, *, marked: bool = True) -> tuple[int, int]:
        block: Json = {"type": "text", "text": LONG}
        if marked:
            block["cache_control"] = {"type": "ephemeral"}
        blocks = [block, {"type": "text", "text": question}]
        body = ask(
            provider, "/v1/messages", messages=[{"role": "user", "content": blocks}]
        ).body
        counts = body["usage"]
        parts = ("cache_read_input_tokens", "cache_creation_input_tokens")
        read, written = (counts[part] for part in parts)
        assert counts["input_tokens"] + read + written > 2400
        return read, written

    assert usage("first", marked=False) == (0, 0)
    assert usage("first") == (0, 2401)
    assert usage("second") == (2401, 0)


@pytest.mark.parametrize(
    ("model", "origin"),
    [
        pytest.param("openai/gpt-4o-mini", False, id="openai"),
        pytest.param("hosted_vllm/any", False, id="vllm"),
        pytest.param("anthropic/claude-sonnet-4-5", True, id="anthropic"),
        pytest.param("anthropic/claude-3-5-haiku-20241022", True, id="anthropic-tool"),
    ],
)
def test_litellm_gets_the_verdict_as_text(
    provider: Provider, model: str, *, origin: bool
) -> None:
    litellm = pytest.importorskip("litellm")

    async def complete() -> Any:
        return await litellm.acompletion(
            model=model,
            api_base=provider.origin if origin else provider.base_url,
            api_key="x",
            messages=said("Judge."),
            max_tokens=1000,
            response_format=response_format(joint=False),
        )

    # On the library's loop: litellm's clients outlive a loop of our own and complain.
    response = run_on_loop(complete())
    JudgeReply.model_validate_json(response.choices[0].message.content)
    assert response.usage.completion_tokens > 50


def test_the_provider_runs_as_a_process_of_its_own() -> None:
    with ProviderProcess() as process:
        process.reset(latency="fixed:0.01", snapshot="-2026-01-01")
        port = int(process.origin.rsplit(":", 1)[1])
        remote = Provider()
        remote.port = port
        assert ask(remote).body["model"] == "m-2026-01-01"
        stats = process.stats()
    assert (stats["requests"], stats["outcomes"]) == (1, {"ok": 1})
    assert stats["span"] >= 0.01


def test_the_suite_reaches_nothing_but_loopback(reached_hosts: list[str]) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.getaddrinfo("example.com", 80),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionError, match="nothing but loopback"):
            attempt()
    assert reached_hosts == ["192.0.2.1", "example.com"]
    reached_hosts.clear()


@pytest.mark.model
@pytest.mark.xdist_group("local_model")
class TestLocalModel:
    """Shapes only: what so small a model says means nothing."""

    def ask(self, model: LocalModel, text: str, **body: Any) -> Got:
        provider = Provider()
        provider.port = int(model.base_url.split(":")[2].split("/")[0])
        return ask(provider, messages=said(text), temperature=0, **body)

    def test_a_reply_to_the_schema_is_valid(self, local_model: LocalModel) -> None:
        got = self.ask(
            local_model,
            "Judge.",
            max_tokens=400,
            response_format=response_format(joint=False),
        )
        JudgeReply.model_validate_json(got.content)

    def test_logprobs_join_to_the_content(self, local_model: LocalModel) -> None:
        got = self.ask(local_model, "Hi", max_tokens=8, logprobs=True, top_logprobs=3)
        tokens = got.choice["logprobs"]["content"]
        assert "".join(one["token"] for one in tokens) == got.content
        assert all(len(one["top_logprobs"]) == 3 for one in tokens)

    def test_a_prompt_that_is_too_long_is_a_typed_error(
        self, local_model: LocalModel
    ) -> None:
        got = self.ask(local_model, "word " * local_model.context, max_tokens=8)
        assert got.status == 400
        assert got.body["error"]["type"] == "exceed_context_size_error"
