// Gaps in the guide: the dialog that names one, and those that were named here.

class Gaps {
  constructor({ dialog, form, list, remark, changed, hint }) {
    Object.assign(this, { dialog, form, list, remark, changed, hint });
    form.addEventListener("input", changed);
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#keep(); });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault(); // or the page, on which the dialog is closed by then, saves the label
      if (!event.repeat) form.requestSubmit();
    });
    form.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  }

  /** What is typed and not kept yet. */
  get draft() {
    const { clause, why } = this.form.elements;
    return { clause: clause.value, why: why.value };
  }

  fill({ clause, why }) {
    this.form.elements.why.value = why;
    this.form.elements.clause.value = clause;
    if (this.form.elements.clause.selectedIndex < 0) this.form.elements.clause.value = "";
  }

  open() {
    this.hint("");
    this.dialog.showModal();
    const { clause, why } = this.form.elements;
    (clause.value ? why : clause).focus();
  }

  /** Lists a gap that the desk has. */
  add({ clause, why }) {
    const item = made("li", {}, made("b", {}, clause || "no clause named"), ": ", made("bdi", {}, why), " ");
    const button = made("button", { type: "button", className: "remove" }, "Take back");
    button.setAttribute("aria-label", `Take back the gap in ${clause || "no clause"}`);
    button.addEventListener("click", () => this.#withdraw({ clause, why }, item, button));
    item.append(button);
    this.list.append(item);
    this.list.parentElement.hidden = false;
  }

  async #keep() {
    const said = this.draft;
    if (!said.why.trim()) { this.form.elements.why.focus(); return; }
    this.dialog.close();
    if (!await this.remark({ kind: "gap", ...said })) return;
    this.fill({ clause: "", why: "" });
    this.changed();
    this.add(said);
    this.hint("Kept as a gap in the guide. Go on and label as you understand it.");
  }

  async #withdraw(said, item, button) {
    if (button.disabled) return;
    button.disabled = true;
    if (!await this.remark({ kind: "ungap", ...said })) { button.disabled = false; return; }
    item.remove();
    this.list.parentElement.hidden = !this.list.children.length;
    this.hint(`No longer a gap: ${said.clause || "no clause named"}.`);
  }
}
