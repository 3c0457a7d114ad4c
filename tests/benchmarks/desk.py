"""The labelers' page in a real browser: how soon it can be used, and how it scrolls.

    python -m tests.benchmarks.desk [rounds]

Transcripts of 300 messages and 200,000 characters; the server is a process of its own.
Each figure is the median of the rounds, and every round looks at another transcript.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import httpx

from judge.transcripts.formats.judge_jsonl import write_transcripts
from judge.transcripts.types import (
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    Transcript,
)
from tests.support.browser import Tab, browser_path, browsing, launched
from tests.support.builders import message, transcript
from tests.support.desk_process import DeskProcess

MESSAGES = 300
CHARACTERS = 200_000
WORDS = (
    "the",
    "plan",
    "is",
    "not",
    "late;",
    "naïve",
    "–",
    "計画",
    "🔑",
    "f(x)",
    "a\tb",
)
READY = "() => performance.getEntriesByName('ready')[0].startTime"
PAINTED = READY.replace("ready", "first-contentful-paint")
# When Enter went down survives the navigation in the tab's own storage.
WATCH = """
addEventListener("keydown", () =>
  sessionStorage.setItem("pressed", performance.timeOrigin + performance.now()),
  true);
"""
SINCE_ENTER = """() => performance.timeOrigin
  + performance.getEntriesByName("ready")[0].startTime
  - Number(sessionStorage.getItem("pressed"))"""
SCROLL = """async () => {
  const tasks = [];
  const watching = new PerformanceObserver((list) =>
    tasks.push(...list.getEntries().map((entry) => entry.duration)));
  watching.observe({ type: "longtask" });
  const frames = [];
  let before = performance.now();
  for (let at = 0; at < document.documentElement.scrollHeight; at += 240) {
    scrollTo(0, at);
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - before);
    before = now;
  }
  await new Promise((go) => setTimeout(go, 100));
  return [frames.sort((a, b) => a - b), tasks];
}"""


def main(rounds: int = 5) -> None:
    if browser_path() is None:
        print("left out: needs Chromium")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.jsonl"
        write_transcripts([long_talk(seed) for seed in range(2 * rounds + 2)], file)
        labels = Path(folder) / "labels.sqlite"
        with DeskProcess(file, "coercion", labels) as desk:
            serve(desk, rounds)
            with launched() as browser, browsing(browser, desk.origin) as tab:
                look(tab(desk.token), rounds)


def serve(desk: DeskProcess, rounds: int) -> None:
    with httpx.Client(base_url=desk.origin) as client:
        client.get(f"/enter/{desk.token}")
        views = [f"/label/{place}" for place in range(1, rounds + 2)]
        first, *later = (timed(partial(client.get, view)) for view in views)
        draft = {"note": "x" * 200, "marks": []}
        headers = {"origin": desk.origin}
        kept = [
            timed(lambda: client.post("/item/0/1/draft", json=draft, headers=headers))
            for _ in range(20)
        ]
    print(f"server, very first view {first:.0f} ms")
    print(f"server, first view of a transcript {median(later):.0f} ms (under 300)")
    print(f"server, a draft {median(kept):.1f} ms")


def look(tab: Tab, rounds: int) -> None:
    tab.page.add_init_script(WATCH)
    ready, painted = [], []
    for place in range(1, rounds + 1):
        tab.open(f"/label/{place}")
        ready.append(tab.page.evaluate(READY))
        painted.append(tab.page.evaluate(PAINTED))
    print(f"browser, interactive {median(ready):.0f} ms (under 1000)")
    print(f"browser, first paint {median(painted):.0f} ms")
    tab.open("/label/1")
    onward = [next_item(tab, place) for place in range(1, rounds + 1)]
    print(f"browser, Enter to the next one ready {median(onward):.0f} ms (under 150)")
    frames, tasks = tab.page.evaluate(SCROLL)
    worst = f"longest {frames[-1]:.0f} ms" if frames else ""
    print(
        f"browser, scrolling through: {len(frames)} frames, median "
        f"{median(frames):.1f} ms, {worst}; {len(tasks)} tasks over 50 ms"
    )


def next_item(tab: Tab, place: int) -> float:
    tab.page.wait_for_timeout(300)  # nobody labels at once
    tab.press("0", "Enter")
    tab.at(place + 1)
    taken: float = tab.page.evaluate(SINCE_ENTER)
    return taken


def timed(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000


def long_talk(seed: int) -> Transcript:
    chance = random.Random(seed)
    text = "".join(
        chance.choice(WORDS) + chance.choice(("\n", " ", " ", " ", " ", " "))
        for _ in range(CHARACTERS // 4)
    )
    size = CHARACTERS // MESSAGES
    made = []
    for number in range(MESSAGES):
        words = text[number * size : (number + 1) * size]
        match number % 3:
            case 0:
                made.append(message("user", words))
            case 1:
                half = len(words) // 2
                parts = ReasoningPart(text=words[:half]), TextPart(text=words[half:])
                call = ToolCallPart(call_id=f"c{number}", name="look", arguments={})
                made.append(message("target", *parts, call))
            case _:
                result = ToolResultPart(call_id=f"c{number - 1}", text=words)
                made.append(message("tool", result))
    return transcript(*made, id=f"long-{seed}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
