// Kinds, and how far it got: folded away, told in the fold's head, chosen by letters
// and digits while the fold is being typed in.

class Kinds {
  #keyed = false;
  #opened = false; // by a key, which closes it again

  constructor({ fold, told, hint }) {
    Object.assign(this, { fold, told, hint });
    document.addEventListener("focusin", ({ target }) => {
      if (!fold.contains(target) && !target.closest?.("dialog")) this.leave();
    });
    document.addEventListener("pointerdown", () => this.leave());
    fold.addEventListener("input", () => this.tell());
  }

  /** From now on letters choose kinds here, and digits how far it got. */
  enter() {
    this.#opened = !this.fold.open;
    this.fold.open = true;
    this.#keyed = true;
    this.fold.classList.add("keyed");
    this.fold.querySelector("input").focus({ preventScroll: true });
    this.fold.scrollIntoView({ block: "nearest" });
    this.hint("Letters choose kinds, digits how far it got. Esc leaves, Enter saves.");
  }

  /** Letters and digits are the page's again; says whether they were not. */
  leave({ close = false } = {}) {
    if (!this.#keyed) return false;
    this.#keyed = false;
    this.fold.classList.remove("keyed");
    if (!close) return true; // what is clicked on stays where it is
    if (this.fold.contains(document.activeElement)) document.activeElement.blur();
    if (this.#opened) this.fold.open = false;
    return true;
  }

  /** Chooses by a key; false if the key is not for here. */
  press(event) {
    if (!this.#keyed || notOurs(event)) return false;
    const key = keyOf(event).toLowerCase();
    if (!/^[a-z0-9]$/.test(key)) return false;
    const input = this.fold.querySelector(`input[data-key="${key}"]`);
    if (!input || event.repeat) return true;
    input.focus();
    input.click();
    return true;
  }

  /** Says in the fold's head what is chosen. */
  tell() {
    const chosen = [...this.fold.querySelectorAll("input:checked")].filter((one) => one.value !== "none");
    const named = (type) => chosen.filter((one) => one.type === type).map((one) => one.dataset.name).join(", ");
    this.told.textContent = [named("checkbox"), named("radio")].filter(Boolean).join("; ");
  }
}
