"""The store's tables, and the statements that fill and read them."""

from __future__ import annotations

from judge.store.file_kind import FileKind

TOKEN_COLUMNS = (
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "requests",
)
"""Columns of ``judgements``, named after the fields of `Usage`."""

_TABLES = """
CREATE TABLE calls (
  digest TEXT PRIMARY KEY, model TEXT, model_returned TEXT, system_fingerprint TEXT,
  finish_reason TEXT, refusal TEXT, cost_usd REAL, latency_s REAL, created_at TEXT,
  attempts INTEGER, usage TEXT, extra TEXT, reply TEXT, request TEXT
);
CREATE TABLE texts (digest TEXT PRIMARY KEY, text BLOB);
CREATE TABLE judgements (
  key TEXT PRIMARY KEY, transcript_id TEXT, transcript_digest TEXT, rubric TEXT,
  status TEXT, reason TEXT, retryable INTEGER, fingerprint TEXT, cost_usd REAL,
  input_tokens INTEGER, output_tokens INTEGER, cached_tokens INTEGER,
  cache_write_tokens INTEGER, reasoning_tokens INTEGER, requests INTEGER, result TEXT
);
CREATE TABLE runs (
  number INTEGER PRIMARY KEY, run_id TEXT UNIQUE, started_at TEXT, finished_at TEXT,
  state TEXT, settings TEXT
);
CREATE TABLE run_items (
  run_id TEXT, position INTEGER, ordinal INTEGER, transcript_id TEXT,
  transcript_digest TEXT, metadata TEXT, rubric TEXT, key TEXT,
  PRIMARY KEY (run_id, position, ordinal)
) WITHOUT ROWID
"""

KIND = FileKind(
    noun="store",
    application_id=0x4A554447,  # "JUDG"
    version=1,
    tables=_TABLES,
    remedy="Delete that row to have it made again, or read the others with "
    '`assessments(..., on_error="skip")`',
)

ADD_TEXT = "INSERT OR IGNORE INTO texts VALUES (?,?)"
TEXT = "SELECT text FROM texts WHERE digest = ?"
ADD_CALL = "INSERT OR REPLACE INTO calls VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
ADD_ITEM = "INSERT OR REPLACE INTO run_items VALUES (?,?,?,?,?,?,?,?)"
# A failure that may pass never takes the place of a result.
ADD_JUDGEMENT = """
INSERT INTO judgements VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (key) DO UPDATE SET
  transcript_id = excluded.transcript_id,
  transcript_digest = excluded.transcript_digest, rubric = excluded.rubric,
  status = excluded.status, reason = excluded.reason, retryable = excluded.retryable,
  fingerprint = excluded.fingerprint, cost_usd = excluded.cost_usd,
  input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
  cached_tokens = excluded.cached_tokens,
  cache_write_tokens = excluded.cache_write_tokens,
  reasoning_tokens = excluded.reasoning_tokens, requests = excluded.requests,
  result = excluded.result
WHERE judgements.retryable OR NOT excluded.retryable
"""
START_RUN = """
INSERT INTO runs (run_id, started_at, state, settings) VALUES (?, ?, 'running', ?)
"""
FINISH_RUN = "UPDATE runs SET state = ?, finished_at = ? WHERE run_id = ?"

CALL = "SELECT * FROM calls WHERE digest = ?"
JUDGEMENT = "SELECT result FROM judgements WHERE NOT retryable AND key = ?"
RUN = "SELECT 1 FROM runs WHERE run_id = ?"
RUNS = """
SELECT run_id, started_at, finished_at, state, settings FROM runs ORDER BY number
"""
COUNT = "SELECT count(*) FROM run_items WHERE run_id = ? AND ordinal = 0"
ITEMS = """
SELECT position, ordinal, i.transcript_id, i.transcript_digest, metadata, i.key, result
FROM run_items i LEFT JOIN judgements j ON j.key = i.key
WHERE run_id = ? AND (position, ordinal) > (?, ?)
ORDER BY position, ordinal LIMIT 200
"""
SUMMARY = """
SELECT i.rubric, coalesce(status, 'missing'), reason, count(*),
  total(cost_usd), count(j.key) - count(cost_usd),
  coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0),
  coalesce(sum(cached_tokens), 0), coalesce(sum(cache_write_tokens), 0),
  coalesce(sum(reasoning_tokens), 0), coalesce(sum(requests), 0)
FROM run_items i LEFT JOIN judgements j ON j.key = i.key
WHERE run_id = ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def judged(keys: int) -> str:
    """Return the query for those of so many keys that need not be asked again."""
    marks = ",".join("?" * keys)
    return f"SELECT key FROM judgements WHERE NOT retryable AND key IN ({marks})"  # noqa: S608 # question marks only
