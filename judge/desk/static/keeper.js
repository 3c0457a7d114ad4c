// What is sent to the desk, and sent again until it is kept.

const LOST = "The desk does not answer. Nothing you typed is lost: it is on this page "
  + "and is sent again until the desk has it.";
const SLOW = "The desk has not answered yet. What you typed is on this page.";
const PATIENCE = 2000;
const LONGEST_PAUSE = 3000;

/** What the desk says no to, however often it is asked. */
class Refused extends Error {}

/**
 * One request at a time, in the order in which they were made, so that no draft comes
 * after the answer that it was a draft of.
 */
class Keeper {
  #line = Promise.resolve();
  #waiting = false;
  #typed = 0;
  #kept = 0;
  #leaving = false;

  constructor({ address, name, draft, trouble, kept }) {
    this.address = address;
    this.name = `unkept ${name}`;
    this.body = draft;
    this.trouble = trouble;
    this.told = kept;
  }

  /** Whether the desk has all that was typed. */
  get done() { return this.#kept === this.#typed; }

  /** Resolves when all that was asked so far is answered. */
  get settled() { return this.#line; }

  /** What was typed and never kept before this tab was reloaded. */
  left() {
    try { return JSON.parse(sessionStorage.getItem(this.name)); } catch { return null; }
  }

  /** The next page is asked for already, perhaps before the desk has what is kept now. */
  leave() { this.#leaving = true; }

  /** Keeps what is typed so far; what is typed meanwhile goes along. */
  draft() {
    this.#typed += 1;
    this.#leaving = false;
    this.told("");
    try { sessionStorage.setItem(this.name, JSON.stringify(this.body())); } catch { /* no room: it is on the page */ }
    if (this.#waiting) return;
    this.#waiting = true;
    let sent = 0;
    const body = () => { this.#waiting = false; sent = this.#typed; return this.body(); };
    this.until("draft", body).then(() => {
      this.#have(sent);
      if (this.done) this.told("Draft kept.");
    }, (error) => this.trouble(error.message));
  }

  /** Gives the answer; `wanted` says whether it still is, each time it is tried. */
  async answer(body, wanted) {
    this.#leaving = false;
    let sent = 0;
    const said = await this.until("answer", () => { sent = this.#typed; return body(); }, wanted);
    if (said) this.#have(sent);
    return said;
  }

  /** Sends until the desk keeps or refuses it; null where it is no longer wanted. */
  until(what, body, wanted = () => true) {
    const sent = this.#line.then(() => this.#insist(what, body, wanted));
    this.#line = sent.catch(() => {});
    return sent;
  }

  #have(sent) {
    this.#kept = Math.max(this.#kept, sent);
    if (this.done && !this.#leaving) sessionStorage.removeItem(this.name);
  }

  async #insist(what, body, wanted) {
    for (let wait = 250; wanted(); wait = Math.min(wait * 2, LONGEST_PAUSE)) {
      try {
        const said = await this.#post(what, body());
        this.trouble("");
        return said;
      } catch (error) {
        if (error instanceof Refused) throw error;
        this.trouble(error.message);
      }
      await pause(wait);
    }
    return null;
  }

  async #post(what, body) {
    const slow = setTimeout(() => this.trouble(SLOW), PATIENCE);
    try {
      const response = await fetch(`${this.address}/${what}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }).catch(() => { throw new Error(LOST); });
      const text = await response.text().catch(() => { throw new Error(LOST); });
      return response.ok ? JSON.parse(text) : this.#refuse(response.status, text);
    } finally {
      clearTimeout(slow);
    }
  }

  #refuse(status, text) {
    let why = text;
    try { why = JSON.parse(text).error; } catch { /* a guard refuses in plain words */ }
    if (status < 500) throw new Refused(`Not kept: ${why}`);
    throw new Error(`Not kept yet: ${why} What you typed is on this page and is sent again.`);
  }
}
