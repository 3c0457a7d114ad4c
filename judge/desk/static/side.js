// The side column: the form, or the guide in its place; below, always, what is chosen.

class Side {
  #from = null;
  #scrolled = 0;

  constructor({ side, guide, button, told }) {
    Object.assign(this, { side, guide, button, told });
    button.addEventListener("click", () => this.toggle());
  }

  get guiding() { return this.side.classList.contains("guiding"); }

  /** Shows the guide, or the form again; false if that is shown already. */
  toggle(on = !this.guiding) {
    if (on === this.guiding) return false;
    if (on) [this.#from, this.#scrolled] = [document.activeElement, scrollY];
    this.side.classList.toggle("guiding", on);
    this.button.setAttribute("aria-pressed", String(on));
    const stacked = this.#stacked;
    if (on) {
      this.guide.focus({ preventScroll: true });
      if (stacked) this.guide.scrollIntoView();
    } else {
      if (this.guide.contains(document.activeElement)) document.activeElement.blur();
      this.#from?.focus?.({ preventScroll: true });
      if (stacked) scrollTo({ top: this.#scrolled });
    }
    return true;
  }

  /** Brings a field into view, but not by leaving the transcript. */
  see(field) {
    if (!this.#stacked) field.closest("label").scrollIntoView({ block: "nearest" });
  }

  /** Whether the column stands under the transcript, as on a phone. */
  get #stacked() { return getComputedStyle(this.side).position === "static"; }

  /** Says what is chosen, and how many quotes there are. */
  tell(chosen, quotes) {
    const count = quotes === 1 ? "1\u00a0quote" : `${quotes}\u00a0quotes`;
    const text = `${chosen || "nothing chosen"}, ${count}`;
    if (this.told.textContent !== text) this.told.textContent = text;
  }
}
