// Search within the transcript.

const MOST = 1000;

class Search {
  #hits = [];
  #at = -1;
  #visited = false;
  #walking = false;

  constructor({ field, count, parts, show }) {
    Object.assign(this, { field, count, parts, show });
    field.addEventListener("input", () => this.#find());
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      if (!event.repeat) this.enter(event.shiftKey ? -1 : 1);
    });
  }

  /** The hit that is looked at. */
  get hit() { return this.#hits[this.#at] ?? null; }

  /** Whether Enter goes on to the next hit still: until something else is done. */
  get walking() { return this.#walking; }

  leave() { this.#walking = false; }

  /** Leaves the field for the hit that is shown; from there, goes on. */
  enter(by) {
    if (!this.#hits.length) return;
    this.#go(this.#visited ? by : 0);
    this.#visited = true;
    this.#walking = true;
  }

  next(by) {
    if (this.#hits.length) this.#go(by);
  }

  #go(by, { focus = true } = {}) {
    this.#at = (this.#at + by + this.#hits.length) % this.#hits.length;
    this.show(closestPart(this.hit.startContainer), this.hit, { focus });
    paint("hit", [this.hit]);
    if (focus && !globalThis.CSS?.highlights) getSelection().setBaseAndExtent(
      this.hit.startContainer, this.hit.startOffset, this.hit.endContainer, this.hit.endOffset);
    const told = this.#hits.length === MOST ? `${MOST} or more` : String(this.#hits.length);
    this.count.textContent = `${this.#at + 1} of ${told}`;
  }

  /** Finds what is typed, and shows the first of it while typing goes on. */
  #find() {
    const words = this.field.value.trim().split(/\s+/).filter(Boolean);
    this.#hits = [];
    this.#at = -1;
    this.#visited = false;
    this.#walking = false;
    if (words.length) this.#collect(words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")));
    paint("hits", this.#hits);
    paint("hit", []);
    this.count.textContent = words.length ? "0 found" : "";
    if (this.#hits.length) this.#go(1, { focus: false });
  }

  #collect(words) {
    // Lines break where they like, so any blank finds any other.
    const wanted = new RegExp(words.join("\\s+"), "giu");
    for (const part of this.parts) {
      for (const found of part.textContent.matchAll(wanted)) {
        if (this.#hits.length === MOST) return;
        this.#hits.push(rangeOf(part, found.index, found.index + found[0].length));
      }
    }
  }
}
