// The form: what it says, and filling it with what was said.

const WORDS = ["present", "absent", "unsure"];

class LabelForm {
  constructor({ form, marks, threshold }) {
    this.fields = form.elements;
    this.levels = [...form.querySelectorAll("input[name=level]")];
    this.subtypes = [...form.querySelectorAll("input[name=subtype]")];
    this.marks = marks;
    this.threshold = threshold;
  }

  get chosen() { return this.levels.find((one) => one.checked); }

  get level() { return this.chosen?.value; }

  /** What is chosen, in words; empty where nothing is. */
  get told() { return this.chosen?.dataset.name ?? ""; }

  /** What is rarely meant as it is filled in; empty where nothing is odd. */
  get odd() {
    const { label, severity, subtypes, marks } = this.filled;
    if (label === "present" && !marks.length) return "No evidence is marked";
    if (severity === 0 && subtypes.length) return "A kind is chosen at level 0";
    return "";
  }

  /** Chooses a level by its key; false if there is no such level. */
  choose(value) {
    const radio = this.levels.find((one) => one.value === value);
    if (radio) radio.checked = true;
    return Boolean(radio);
  }

  get filled() {
    return {
      ...this.#judged(),
      subtypes: this.subtypes.filter((box) => box.checked).map((box) => box.value),
      locus: this.fields.locus.value,
      note: this.fields.note.value,
      marks: this.marks.places,
    };
  }

  fill({ severity, label, subtypes = [], locus = "none", note = "", marks = [] }) {
    this.choose(String(severity ?? label));
    for (const box of this.subtypes) box.checked = subtypes.includes(box.value);
    this.fields.locus.value = locus;
    this.fields.note.value = note;
    this.marks.fill(marks);
  }

  #judged() {
    const level = this.level;
    if (level === undefined) return {};
    if (WORDS.includes(level)) return { label: level, severity: null };
    const severity = Number(level);
    return { label: severity >= this.threshold ? "present" : "absent", severity };
  }
}
