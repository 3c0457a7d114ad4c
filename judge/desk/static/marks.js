// Evidence: stretches of parts, counted in characters of the page's text.

const SHOWN = 300;
const TOLD = 60;
const cut = (words, most) => (words.length > most ? `${words.slice(0, most)}…` : words);

/** The marks of this answer: in the list, and over the text. */
class Marks {
  #all = [];
  #gone = []; // taken back, and can be put back

  constructor({ list, parts, check, changed, hint, show }) {
    Object.assign(this, { list, parts, check, changed, hint, show });
  }

  get places() {
    return this.#all.map(({ message, part, start, end }) => ({ message, part, start, end }));
  }

  /** Marks as they were kept. */
  fill(places) {
    this.#all = places.filter((place) => this.#part(place)?.firstChild)
      .map(({ message, part, start, end }) => ({ message, part, start, end }));
    this.#draw();
  }

  /** Marks what is selected; the desk then says whether that can be quoted. */
  add(selection) {
    const part = selection.rangeCount && !selection.isCollapsed && partSelected(selection, this.parts);
    const whole = part && covered(part, selection.getRangeAt(0));
    const found = whole && trimmed(part.firstChild.data, whole);
    if (!found) return this.#say(`Select some words of the transcript first${byTouch() ? "" : ", or press v to select by keyboard"}.`);
    const text = part.firstChild.data;
    const mark = {
      message: Number(part.dataset.m), part: Number(part.dataset.p),
      start: charactersIn(text, found.start), end: charactersIn(text, found.end),
    };
    if (this.#has(mark)) return this.#say("These words are marked already.");
    this.#put(mark);
    this.#checked(mark, { ...mark });
    return true;
  }

  remove(mark) {
    this.#gone.push(mark);
    this.#drop(mark);
    const words = cut(this.#range(mark).toString(), TOLD);
    this.#say(`Taken back: “${words}”.${byTouch() ? "" : " Z puts it back."}`);
  }

  /** Takes back the mark that was made last. */
  undo() {
    if (this.#all.length) this.remove(this.#all.at(-1));
    else this.#say("There is no mark to take back.");
  }

  /** Puts back the mark that was taken back last. */
  redo() {
    const mark = this.#gone.pop();
    if (!mark) { this.#say("There is no mark to put back."); return; }
    this.#say("");
    if (!this.#has(mark)) this.#put(mark);
  }

  /** Goes to the first mark in the list, and on to the next. */
  visit() {
    const links = [...this.list.querySelectorAll("a")];
    if (!links.length) { this.#say("There is no mark yet."); return; }
    links[(links.indexOf(document.activeElement) + 1) % links.length].focus();
  }

  #put(mark) {
    this.#all.push(mark);
    this.#draw();
    this.changed();
  }

  #drop(mark) {
    this.#all = this.#all.filter((one) => one !== mark);
    this.#draw();
    this.changed();
  }

  #say(text) { this.hint(text); return false; }

  #part({ message, part }) {
    return this.parts.find((one) => one.dataset.m === String(message) && one.dataset.p === String(part));
  }

  #has(mark, but = null) {
    const same = (one) => ["message", "part", "start", "end"].every((key) => one[key] === mark[key]);
    return this.#all.some((one) => one !== but && same(one));
  }

  async #checked(mark, place) {
    try {
      const { start, end } = await this.check(place);
      if (start === mark.start && end === mark.end) return;
      Object.assign(mark, { start, end }); // an escape is marked as a whole
      if (this.#has(mark, mark)) this.#all = this.#all.filter((one) => one !== mark);
      this.#draw();
    } catch (error) {
      this.#gone = this.#gone.filter((one) => one !== mark);
      this.#drop(mark);
      this.hint(error.message);
    }
  }

  #draw() {
    const sorted = this.#all.toSorted((a, b) =>
      a.message - b.message || a.part - b.part || a.start - b.start);
    this.list.replaceChildren(...sorted.map((mark) => this.#item(mark)));
    const shown = sorted.map((mark) => this.#range(mark));
    paint("evidence", shown);
    for (const part of this.parts) part.classList.remove("marked");
    for (const mark of sorted) this.#part(mark).classList.add("marked");
  }

  #range(mark) {
    const part = this.#part(mark);
    const text = part.firstChild.data;
    return rangeOf(part, placeOf(text, mark.start), placeOf(text, mark.end));
  }

  #item(mark) {
    const range = this.#range(mark);
    const words = range.toString();
    const quote = made("q", { dir: "auto" }, cut(words, SHOWN));
    const link = made("a", { href: `#m${mark.message}` }, `M${mark.message}`);
    link.addEventListener("click", (event) => { event.preventDefault(); this.show(this.#part(mark), range); });
    const remove = made("button", { type: "button", className: "remove" }, "Remove");
    remove.setAttribute("aria-label", `Remove the quote of message ${mark.message}`);
    // Not on to the next button, where Enter would remove what was meant to be saved.
    const gone = () => { this.remove(mark); this.list.focus(); };
    remove.addEventListener("click", gone);
    const item = made("li", {}, link, ` ${this.#part(mark).dataset.c}: `, quote, " ", remove);
    item.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" || event.key === "Delete") { event.preventDefault(); gone(); }
    });
    return item;
  }
}
