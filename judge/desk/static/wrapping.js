// Lines of tool calls and results: wrapped, but for what looks like a table.

const ROWS = 3;
const IN_COLUMNS = /\|.*\||\S(?: {2,}|\t+)\S/;

/** Whether several lines in a row keep columns. */
const looksLikeTable = (text) => {
  let rows = 0;
  for (const line of text.split("\n")) {
    rows = IN_COLUMNS.test(line) ? rows + 1 : 0;
    if (rows === ROWS) return true;
  }
  return false;
};

class Wrapping {
  constructor(parts) {
    this.parts = parts.filter((part) => part.closest(".tool_call, .tool_result"));
    for (const part of this.parts) if (looksLikeTable(part.textContent)) this.#keep(part, true);
  }

  /** Lets all lines run on, or wraps all where they do; says which. */
  toggle() {
    const run = this.parts.some((part) => !part.classList.contains("unwrapped"));
    for (const part of this.parts) this.#keep(part, run);
    return run;
  }

  #keep(part, run) {
    part.classList.toggle("unwrapped", run);
    part.tabIndex = run ? 0 : -1; // what scrolls is reached by key
  }
}
