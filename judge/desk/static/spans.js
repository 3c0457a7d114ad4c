// Stretches of text: in characters, in the browser's own counting, and on the page.

// The desk counts characters, of which the browser counts some (emoji) as two.
const wide = (text, at) => (text.codePointAt(at) > 0xffff ? 2 : 1);
const charactersIn = (text, end) => {
  let count = 0;
  for (let at = 0; at < end; at += wide(text, at)) count += 1;
  return count;
};
const placeOf = (text, count) => {
  let at = 0;
  for (let left = count; left > 0 && at < text.length; left -= 1) at += wide(text, at);
  return at;
};

const closestPart = (node) =>
  (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.("pre.text") ?? null;

/** The part that a selection began in, or the first that it touches. */
const partSelected = (selection, parts) => {
  const first = closestPart(selection.anchorNode);
  if (first) return first;
  const range = selection.getRangeAt(0);
  return parts.find((part) => part.firstChild && range.intersectsNode(part.firstChild)) ?? null;
};

/** What a range covers of a part: a selection may run on into others. */
const covered = (part, range) => {
  const text = part.firstChild;
  if (!text) return null;
  const whole = document.createRange();
  whole.selectNodeContents(text);
  const before = range.compareBoundaryPoints(Range.START_TO_START, whole) <= 0;
  const after = range.compareBoundaryPoints(Range.END_TO_END, whole) >= 0;
  const inside = (node, at) => (node === text ? at : at && text.length);
  const start = before ? 0 : inside(range.startContainer, range.startOffset);
  const end = after ? text.length : inside(range.endContainer, range.endOffset);
  return start < end ? { start, end } : null;
};

/** What is left of a stretch without the blanks at its ends; null if nothing is. */
const trimmed = (text, { start, end }) => {
  const words = text.slice(start, end);
  const first = words.search(/\S/);
  return first < 0 ? null : { start: start + first, end: start + words.trimEnd().length };
};

/** A range of a part's text, in the browser's own counting. */
const rangeOf = (part, start, end) => {
  const range = document.createRange();
  range.setStart(part.firstChild, start);
  range.setEnd(part.firstChild, end);
  return range;
};

/** Paints over the text, which stays one untouched node. */
const paint = (name, ranges) => {
  if (globalThis.CSS?.highlights) CSS.highlights.set(name, new Highlight(...ranges));
};
