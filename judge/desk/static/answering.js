// Saving an answer, asking once more where it is odd, and going elsewhere.

class Answering {
  #saving = null; // the one attempt that is under way
  #asked = ""; // what was said to be odd
  #changed = false;

  constructor({ form, keeper, seconds, button, hint, trouble, here, said }) {
    Object.assign(this, { form, keeper, seconds, button, hint, trouble, here, said });
  }

  /** Something was typed or chosen. */
  touched() {
    if (this.#saving) this.#saving.wanted = false;
    this.#changed = true;
  }

  async save() {
    if (this.#saving?.wanted) return;
    if (this.form.level === undefined) { this.hint(`Choose first: ${this.here.keys}.`); return; }
    if (this.#odd()) return;
    this.hint("");
    const attempt = { wanted: true };
    this.#saving = attempt;
    this.button.setAttribute("aria-disabled", "true");
    try {
      const body = () => ({ ...this.form.filled, seconds: this.seconds() });
      const said = await this.keeper.answer(body, () => attempt.wanted);
      if (said && attempt.wanted) { this.#leave(said.next); return; }
      this.hint(said ? "Saved, and changed since: Enter saves it again." : "Not saved: you changed it since. Enter saves it.");
    } catch (error) {
      this.trouble(error.message);
    }
    if (this.#saving === attempt) this.#saving = null;
    this.button.removeAttribute("aria-disabled");
  }

  /** Keeps something beside the answer; null where the desk refused. */
  async remark(body) {
    try {
      return await this.keeper.until("remark", () => body);
    } catch (error) {
      this.trouble(error.message);
      return null;
    }
  }

  async skip() {
    if (this.said) { this.turn(1); return; } // an answer is not taken back by going on
    const said = await this.remark({ kind: "skip" });
    if (said) this.#leave(said.next);
  }

  async flag(button) {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    const said = await this.remark({ kind: on ? "flag" : "unflag" });
    if (!said) button.setAttribute("aria-pressed", String(!on));
    else this.hint(on ? "Flagged for discussion." : "No longer flagged.");
  }

  /** Goes on or back in the queue without saving. */
  turn(by) {
    const number = this.here.place + by;
    if (number < 1) this.hint("This is the first.");
    else if (number > this.here.places) this.hint("This is the last.");
    else this.away(`/label/${number}`);
  }

  /** What was typed here stays as a draft: it is waited for, so that it is there. */
  async away(where) {
    await this.keeper.settled;
    this.#leave(where);
  }

  /** Says that an answer is odd, the first time; not of one that was given so. */
  #odd() {
    const why = this.said && !this.#changed ? "" : this.form.odd;
    const asked = why && `${why}: ${this.form.told}`;
    if (asked === this.#asked || !why) return false;
    this.#asked = asked;
    this.hint(`${why}; ${byTouch() ? "Save" : "Enter"} again saves it so.`);
    return true;
  }

  #leave(where) { location.assign(where); }
}
