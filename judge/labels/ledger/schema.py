"""The ledger's tables, and the statements that fill and read them."""

from __future__ import annotations

from judge.store.file_kind import FileKind

# Entries and adjudications are only ever added: the file itself refuses all else.
_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE items (
  transcript TEXT PRIMARY KEY, digest TEXT, position INTEGER, inclusion REAL,
  scenario TEXT
);
CREATE INDEX items_in_order ON items (position);
CREATE TABLE labelers (labeler TEXT PRIMARY KEY, lead INTEGER);
CREATE TABLE tokens (token TEXT PRIMARY KEY, labeler TEXT) WITHOUT ROWID;
CREATE TABLE places (
  labeler TEXT, place INTEGER, transcript TEXT, occasion INTEGER,
  PRIMARY KEY (labeler, place), UNIQUE (labeler, transcript, occasion)
) WITHOUT ROWID;
CREATE TABLE entries (
  entry INTEGER PRIMARY KEY AUTOINCREMENT, labeler TEXT, transcript TEXT,
  occasion INTEGER, kind TEXT, body TEXT, seconds REAL, time TEXT
);
CREATE INDEX entries_of_place ON entries (labeler, transcript, occasion);
CREATE INDEX entries_of_transcript ON entries (transcript);
CREATE TABLE drafts (
  labeler TEXT, transcript TEXT, occasion INTEGER, body TEXT, time TEXT,
  PRIMARY KEY (labeler, transcript, occasion)
) WITHOUT ROWID;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT raise(ABORT, 'an entry of the ledger is never changed'); END;
CREATE TRIGGER entries_last BEFORE DELETE ON entries
BEGIN SELECT raise(ABORT, 'an entry of the ledger is never removed'); END;
"""

KIND = FileKind(
    noun="label file",
    application_id=0x4A55444C,  # "JUDL"
    version=1,
    tables=_TABLES,
    remedy="It was left as it is: restore a copy of the file from before",
    durable=True,
)

ACTS = "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
FACT = "SELECT value FROM facts WHERE name = ?"
ADD_FACT = "INSERT OR IGNORE INTO facts VALUES (?, ?)"
PUT_FACT = "INSERT OR REPLACE INTO facts VALUES (?, ?)"
NEXT_POSITION = "SELECT coalesce(max(position) + 1, 0) FROM items"
# What a newer plan says of how it was drawn holds for what was there already.
ADD_ITEM = """
INSERT INTO items VALUES (?, ?, ?, ?, ?)
ON CONFLICT (transcript) DO UPDATE SET
  inclusion = coalesce(excluded.inclusion, inclusion),
  scenario = coalesce(nullif(excluded.scenario, ''), scenario)
"""
WEIGH = "UPDATE items SET inclusion = ? WHERE transcript = ?"
ITEMS = """
SELECT transcript, digest, inclusion, scenario FROM items ORDER BY position
"""
ADD_LABELER = """
INSERT INTO labelers VALUES (?, ?)
ON CONFLICT (labeler) DO UPDATE SET lead = excluded.lead
"""
ADMIT = "INSERT INTO tokens VALUES (?, ?)"
DISMISS = "DELETE FROM tokens WHERE coalesce(?, labeler) = labeler"
HAND_OVER = "UPDATE labelers SET lead = (labeler = ?)"
OPENED_BY = """
SELECT labeler, lead FROM tokens JOIN labelers USING (labeler) WHERE token = ?
"""
ADD_PLACE = "INSERT INTO places VALUES (?, ?, ?, ?)"
CLEAR_PLACES = "DELETE FROM places"
_SEATS = """
SELECT p.labeler, p.place, p.transcript, p.occasion, i.position,
  (SELECT kind FROM entries e WHERE e.labeler = p.labeler
     AND e.transcript = p.transcript AND e.occasion = p.occasion
     AND e.kind IN ('answer', 'skip') ORDER BY e.entry DESC LIMIT 1)
FROM places p JOIN items i USING (transcript)
"""
SEATS = f"{_SEATS} ORDER BY p.labeler, p.place"
SEATS_OF = f"{_SEATS} WHERE p.labeler = ? ORDER BY p.place"
SEAT = f"{_SEATS} WHERE p.labeler = ? AND i.position = ? AND p.occasion = ?"
ADD_ENTRY = """
INSERT INTO entries (labeler, transcript, occasion, kind, body, seconds, time)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_ENTRIES = """
SELECT entry, labeler, transcript, occasion, kind, body, seconds, time FROM entries
"""
ENTRIES = f"{_ENTRIES} WHERE entry > ? ORDER BY entry"
ENTRIES_OF = f"""{_ENTRIES}
WHERE transcript = ? AND entry > ? ORDER BY entry
"""
CURRENT = f"""{_ENTRIES}
WHERE labeler = ? AND transcript = ? AND occasion = ? AND kind = 'answer'
ORDER BY entry DESC LIMIT 1
"""
LAST_LABEL = """
SELECT entry FROM entries WHERE kind IN ('answer', 'settle')
ORDER BY entry DESC LIMIT 1
"""
PUT_DRAFT = "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?)"
DRAFTED = """
SELECT labeler, place, transcript, occasion
FROM places JOIN drafts USING (labeler, transcript, occasion)
"""
DROP_DRAFT = """
DELETE FROM drafts WHERE labeler = ? AND transcript = ? AND occasion = ?
"""
DRAFT = """
SELECT body FROM drafts WHERE labeler = ? AND transcript = ? AND occasion = ?
"""
