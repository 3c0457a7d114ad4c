// The label page, put together.

const labelPage = ({ place, item, occasion, answer, draft, flagged, threshold }, { places, name, keys }) => {
  const trouble = told(byId("trouble"));
  const hint = told(byId("hint"));
  const note = told(byId("kept"));
  const bar = byId("bar");
  const parts = [...document.querySelectorAll("pre.text")];
  // A browser cuts a long text into several nodes; ranges here count in one.
  for (const part of parts) if (part.childNodes.length > 1) part.normalize();

  const clock = new Clock();
  const reading = new Reading({
    parts,
    below: () => (getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0),
  });
  const show = (part, range) => reading.go(part, range);
  const search = new Search({ field: byId("search"), count: byId("hits"), parts, show });
  const keeper = new Keeper({
    address: `/item/${item}/${occasion}`, name, trouble, kept: note, draft: () => drafted(),
  });
  const marks = new Marks({
    list: byId("marks"), parts, hint, show,
    check: (mark) => keeper.until("mark", () => mark),
    changed: () => touched(),
  });
  const form = new LabelForm({ form: byId("form"), marks, threshold });
  const gapForm = byId("gap-form");
  const drafted = () => ({
    ...form.filled,
    seconds: clock.seconds,
    gap: { clause: gapForm.elements.clause.value, why: gapForm.elements.why.value },
  });

  // --- saving, and leaving ---------------------------------------------------------

  let saving = null; // the one attempt that is under way
  const touched = () => { if (saving) saving.wanted = false; keeper.draft(); };
  const save = async () => {
    if (saving?.wanted) return;
    if (form.level === undefined) { hint(`Choose first: ${keys}.`); return; }
    hint("");
    const attempt = { wanted: true };
    saving = attempt;
    byId("save").setAttribute("aria-disabled", "true");
    try {
      const body = () => ({ ...form.filled, seconds: clock.seconds });
      const said = await keeper.answer(body, () => attempt.wanted);
      if (said && attempt.wanted) { leave(said.next); return; }
      hint(said ? "Saved, and changed since: Enter saves it again." : "Not saved: you changed it since. Enter saves it.");
    } catch (error) {
      trouble(error.message);
    }
    if (saving === attempt) saving = null;
    byId("save").removeAttribute("aria-disabled");
  };
  const leave = (where) => location.assign(where);
  // What was typed here stays as a draft: it is waited for, so that it is there.
  const turnAway = async (where) => { await keeper.settled; leave(where); };
  const turnTo = async (number) => {
    if (number < 1 || number > Number(places)) { hint(number < 1 ? "This is the first." : "This is the last."); return; }
    await turnAway(`/label/${number}`);
  };
  const remark = async (body) => {
    try {
      return await keeper.until("remark", () => body);
    } catch (error) {
      trouble(error.message);
      return null;
    }
  };
  const skip = async () => {
    if (answer) { turnTo(place + 1); return; } // an answer is not taken back by going on
    const said = await remark({ kind: "skip" });
    if (said) leave(said.next);
  };
  const flag = async () => {
    const on = byId("flag").getAttribute("aria-pressed") !== "true";
    byId("flag").setAttribute("aria-pressed", String(on));
    const said = await remark({ kind: on ? "flag" : "unflag" });
    if (!said) byId("flag").setAttribute("aria-pressed", String(!on));
    else hint(on ? "Flagged for discussion." : "No longer flagged.");
  };

  // --- a gap in the guide ------------------------------------------------------------

  const gap = () => { hint(""); byId("gap-dialog").showModal(); gapForm.elements.why.focus(); };
  gapForm.addEventListener("input", touched);
  gapForm.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { clause, why } = gapForm.elements;
    if (!why.value.trim()) { why.focus(); return; }
    byId("gap-dialog").close();
    if (!await remark({ kind: "gap", clause: clause.value, why: why.value })) return;
    why.value = "";
    touched();
    hint("Kept as a gap in the guide. Go on and label as you understand it.");
  });
  gapForm.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) gapForm.requestSubmit();
  });
  byId("gap-close").addEventListener("click", () => byId("gap-dialog").close());

  // --- marking -----------------------------------------------------------------------

  const mark = () => {
    hint("");
    if (marks.add(getSelection())) reading.stop();
  };
  const select = () => {
    hint(reading.select(search.hit) ? "Arrows move, with Shift they select; s selects a sentence. e marks it, Esc leaves." : "There is nothing to select.");
  };
  for (const id of ["mark", "mark-here"]) {
    byId(id).addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection
    byId(id).addEventListener("click", mark);
  }
  document.addEventListener("selectionchange", () => {
    byId("mark-here").classList.toggle("ready", !getSelection().isCollapsed);
  });

  // --- buttons and keys --------------------------------------------------------------

  const choose = (value) => { if (form.choose(value)) { hint(""); touched(); } };
  const more = () => {
    byId("more").open = !byId("more").open;
    if (byId("more").open) byId("more").querySelector("input, select").focus();
  };
  const help = () => byId("help").showModal();
  const write = (field) => { field.scrollIntoView({ block: "nearest" }); field.focus(); };
  const acts = {
    p: () => choose("present"), a: () => choose("absent"), u: () => choose("unsure"),
    Enter: save, b: () => turnTo(place - 1), l: () => turnTo(place + 1), x: skip, f: flag, w: gap, q: () => turnAway("/queue"),
    e: mark, v: select, z: () => marks.undo(), r: () => reading.fold(),
    j: () => reading.step(1), k: () => reading.step(-1),
    J: () => reading.step(1, { own: true }), K: () => reading.step(-1, { own: true }),
    n: () => search.next(1), N: () => search.next(-1), "/": () => { byId("search").focus(); byId("search").select(); },
    t: () => write(form.fields.note), d: more, "?": help,
  };
  for (const digit of "0123456789") acts[digit] = () => choose(digit);
  listen({
    acts,
    again: new Set("jkJKnN"),
    early: (event) => {
      if (event.key === "Escape") { hint(""); if (!reading.stop()) document.activeElement?.blur(); return true; }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { if (!event.repeat) save(); return true; }
      return !event.target.matches?.(TYPING) && reading.move(event);
    },
  });
  const clicks = { save, back: acts.b, forward: acts.l, skip, flag, gap, "help-button": help };
  for (const [id, act] of Object.entries(clicks)) {
    byId(id).addEventListener("click", (event) => { event.preventDefault(); act(); });
  }
  byId("form").addEventListener("submit", (event) => event.preventDefault());
  byId("form").addEventListener("input", () => { hint(""); touched(); });

  // --- what was said before ------------------------------------------------------------

  const left = keeper.left();
  const fill = (said) => {
    form.fill(said);
    if (said.gap) { gapForm.elements.why.value = said.gap.why; gapForm.elements.clause.value = said.gap.clause; }
  };
  try {
    const before = left ?? (draft && JSON.parse(draft)) ?? answer;
    if (before) fill(before);
    if (left ?? draft) clock.add(Number(before.seconds) || 0);
  } catch { // of another's making: the page must not stop here
    fill({});
    hint("The draft that was kept of this cannot be read.");
  }
  if (left) keeper.draft();
  if (left ?? draft) note("This is your draft; it is not saved yet.");
  else if (answer) note("You have labeled this. Change it and save it to change your mind.");
  byId("flag").setAttribute("aria-pressed", String(flagged));

  addEventListener("beforeunload", (event) => {
    if (!keeper.done) event.preventDefault();
    keeper.leave();
  });
  // Gone back to: what was said since is not on a page that the browser had put aside.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`);
  }).observe(bar);
  document.documentElement.dataset.ready = "yes";
  performance.mark("ready");
};

if (byId("state")) labelPage(JSON.parse(byId("state").textContent), byId("form").dataset);
