// Selecting in the transcript without a mouse.

const MOVES = {
  ArrowRight: ["forward", "character"], ArrowLeft: ["backward", "character"],
  ArrowDown: ["forward", "line"], ArrowUp: ["backward", "line"],
  End: ["forward", "lineboundary"], Home: ["backward", "lineboundary"],
};
const LOOK_AHEAD = 5000;
const BLANK_LINE = /\n[^\S\n]*\n/;

let segmenter = null; // made when it is first needed: that takes its time
const sentencesOf = (text) => {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "sentence" });
  return segmenter.segment(text);
};

/** Where the sentence ends that goes on or begins here, but for blanks after it. */
const sentenceEnd = (text, from) => {
  let at = from;
  for (const { segment } of sentencesOf(text.slice(from, from + LOOK_AHEAD))) {
    if (segment.trim()) return at + segment.trimEnd().length;
    at += segment.length;
  }
  return from; // nothing but blanks is left
};

/** Where the sentence begins that a place stands in, or the next one. */
const sentenceStart = (text, at) => {
  const line = at > 0 ? text.lastIndexOf("\n", at - 1) + 1 : 0; // none goes over a line
  const from = Math.max(line, at - LOOK_AHEAD);
  const found = sentencesOf(text.slice(from, at + LOOK_AHEAD)).containing(at - from);
  return from + (found?.index ?? at - from);
};

class Selecting {
  #on = false;
  #fresh = false; // nothing was moved yet

  constructor({ reading, hint }) {
    Object.assign(this, { reading, hint });
    document.addEventListener("selectionchange", () => this.#drawCaret());
  }

  get on() { return this.#on; }

  /** Begins: with a range, such as a hit, else where the part can be seen. */
  start(range = null) {
    const part = this.reading.standing;
    if (!part?.firstChild) return false;
    this.#on = true;
    this.#fresh = false;
    document.body.classList.add("marking");
    part.focus({ preventScroll: true });
    const selection = getSelection();
    if (closestPart(selection.anchorNode) === part && !selection.isCollapsed) return true;
    this.#fresh = true;
    if (range && closestPart(range.startContainer) === part) {
      selection.setBaseAndExtent(part.firstChild, range.startOffset, part.firstChild, range.endOffset);
    } else {
      selection.collapse(part.firstChild, this.#seen(part));
    }
    this.#drawCaret();
    return true;
  }

  /** Ends; says whether there was anything to end. */
  stop() {
    const was = this.#on;
    this.#on = false;
    document.body.classList.remove("marking");
    getSelection().removeAllRanges();
    paint("caret", []);
    return was;
  }

  /** Moves the end of the selection; false if this key does not. */
  move(event) {
    const [along, by] = MOVES[event.key] ?? [];
    if (!this.#on || !along) return false;
    const words = (event.ctrlKey || event.altKey) && by === "character";
    getSelection().modify(event.shiftKey ? "extend" : "move", along, words ? "word" : by);
    this.#fresh = false;
    this.#drawCaret();
    this.#follow();
    return true;
  }

  /** Selects the sentence stood in; from a selection, to the end of its last; then on. */
  sentence() {
    const selection = getSelection();
    const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
    if (!closestPart(focusNode) || !focusNode.data) return;
    const text = focusNode.data;
    if (this.#fresh && anchorNode === focusNode) {
      const first = sentenceStart(text, Math.min(anchorOffset, focusOffset));
      const start = first + text.slice(first, first + LOOK_AHEAD).search(/\S|$/);
      let end = sentenceEnd(text, start);
      while (end < focusOffset) {
        const next = sentenceEnd(text, end);
        if (next === end) break; // too many blanks to look beyond
        end = next;
      }
      selection.setBaseAndExtent(focusNode, start, focusNode, Math.max(end, focusOffset));
    } else if (!selection.isCollapsed && BLANK_LINE.test(/^\s*/.exec(text.slice(focusOffset))[0])) {
      this.hint("A blank line ends this; e marks it.");
    } else {
      selection.extend(focusNode, sentenceEnd(text, focusOffset));
    }
    this.#fresh = false;
    this.#follow();
  }

  /** The first character of a part that is in the window. */
  #seen(part) {
    const box = part.getBoundingClientRect();
    const top = this.reading.top + 4;
    if (box.top >= top || box.bottom <= top) return 0;
    const at = document.caretPositionFromPoint?.(box.left + 2, top + 8);
    return at && at.offsetNode === part.firstChild ? at.offset : 0;
  }

  #follow() {
    const box = this.#caret()?.getBoundingClientRect();
    if (!box) return;
    const { top, bottom } = this.reading;
    if (box.top < top + 8) scrollBy({ top: box.top - top - 60 });
    else if (box.bottom > bottom - 8) scrollBy({ top: box.bottom - bottom + 60 });
    this.reading.across(closestPart(getSelection().focusNode), box);
  }

  /** The character that the selection's moving end stands before. */
  #caret() {
    const { focusNode, focusOffset } = getSelection();
    if (!focusNode || focusNode.nodeType !== Node.TEXT_NODE || !closestPart(focusNode)) return null;
    const last = focusOffset >= focusNode.length;
    return rangeOf(closestPart(focusNode),
      last ? Math.max(0, focusNode.length - 1) : focusOffset,
      last ? focusNode.length : focusOffset + wide(focusNode.data, focusOffset));
  }

  // Text that cannot be edited has no caret of its own.
  #drawCaret() {
    if (!this.#on) return;
    const range = this.#caret();
    paint("caret", range ? [range] : []);
  }
}
