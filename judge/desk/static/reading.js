// Moving about in the transcript: from part to part, and to a place in one.

class Reading {
  #here = -1;

  constructor({ parts, bar, hint, stood }) {
    Object.assign(this, { parts, bar, hint, stood });
    this.turns = [...document.querySelectorAll("li.turn")];
    document.addEventListener("focusin", (event) => this.#stand(closestPart(event.target)));
    document.addEventListener("pointerup", (event) => this.#stand(closestPart(event.target)));
  }

  /** Where in the window the transcript begins to be seen, and where that ends. */
  get top() { return getComputedStyle(this.bar).position === "sticky" ? this.bar.offsetHeight : 0; }

  get bottom() { return this.hint.hidden ? innerHeight : this.hint.getBoundingClientRect().top; }

  /** Goes on by one part, or to the next of the AI under test. */
  step(by, { own = false } = {}) {
    let index = this.#from(by);
    while (own && this.parts[index] && !this.parts[index].closest(".target")) index += by;
    if (this.parts[index]) this.go(this.parts[index]);
  }

  /** The part that is stood on; out of view, the one at the top of the window. */
  get standing() {
    if (this.#inView()) return this.parts[this.#here];
    if (this.#here < 0 && scrollY === 0) {
      this.step(1, { own: true });
      if (this.#here < 0) this.step(1);
      return this.parts[this.#here];
    }
    return this.parts[this.#first()];
  }

  /** Brings a part into view, or a range of its text. */
  go(part, range = null, { focus = true } = {}) {
    const fold = part.closest("details");
    if (fold) fold.open = true;
    if (focus) part.focus({ preventScroll: true });
    part.scrollIntoView({ block: "start" });
    if (!range) return;
    // What was not on screen has its true height only now.
    const box = range.getBoundingClientRect();
    if (box.top < this.top || box.bottom > this.bottom) {
      scrollBy({ top: box.top - this.top - (innerHeight - this.top) / 3 });
    }
    this.across(part, box);
  }

  /** Brings a place of a part whose lines do not wrap into view. */
  across(part, box) {
    const seen = part.getBoundingClientRect();
    if (box.left < seen.left || box.right > seen.right) {
      part.scrollLeft += box.left - seen.left - seen.width / 3;
    }
  }

  /** Folds all reasoning, or unfolds it where all is folded. */
  fold() {
    const folds = [...document.querySelectorAll("details.reasoning")];
    const open = folds.some((one) => one.open);
    for (const one of folds) one.open = !open;
  }

  /** The part that a step begins with: the next to the one stood on, where that is seen. */
  #from(by) {
    if (this.#inView()) return this.#here + by;
    const first = this.#first();
    if (first < 0) return by > 0 ? this.parts.length : this.parts.length - 1;
    const begun = this.#box(this.parts[first]).top < this.top; // scrolled half away
    if (by > 0) return begun ? first + 1 : first;
    return begun ? first : first - 1;
  }

  #inView() {
    const part = this.parts[this.#here];
    const box = part && this.#box(part);
    return Boolean(box) && box.bottom > this.top && box.top < innerHeight;
  }

  /** The first part that is seen; only turns near it are measured within. */
  #first() {
    const { top } = this;
    const turn = this.turns.find((one) => one.getBoundingClientRect().bottom > top);
    if (!turn) return -1;
    const within = Node.DOCUMENT_POSITION_CONTAINED_BY | Node.DOCUMENT_POSITION_FOLLOWING;
    return this.parts.findIndex((part) =>
      turn.compareDocumentPosition(part) & within && this.#box(part).bottom > top);
  }

  #box(part) { return part.closest(".part").getBoundingClientRect(); }

  #stand(part) {
    if (!part || part === this.parts[this.#here]) return;
    this.parts[this.#here]?.classList.remove("here");
    this.#here = this.parts.indexOf(part);
    part.classList.add("here");
    this.stood(part);
  }
}
