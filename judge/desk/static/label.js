// The label page, put together.

const labelPage = (state, { places, name, keys }) => {
  const { place, item, occasion, answer, draft, flagged, threshold } = state;
  const trouble = told(byId("trouble"));
  const hint = told(byId("hint"));
  const note = told(byId("kept"));
  const bar = byId("bar");
  const parts = [...document.querySelectorAll("pre.text")];
  // A browser cuts a long text into several nodes; ranges here count in one.
  for (const part of parts) if (part.childNodes.length > 1) part.normalize();

  const clock = new Clock();
  const reading = new Reading({
    parts, bar, hint: byId("hint"), stood: (part) => { byId("at").textContent = `M${part.dataset.m} of `; },
  });
  const show = (...where) => reading.go(...where);
  const selecting = new Selecting({ reading, hint });
  const search = new Search({ field: byId("search"), count: byId("hits"), parts, show });
  const wrapping = new Wrapping(parts);
  const keeper = new Keeper({
    address: `/item/${item}/${occasion}`, name, trouble, kept: note, draft: () => drafted(),
  });
  const marks = new Marks({
    list: byId("marks"), parts, hint, show,
    check: (mark) => keeper.until("mark", () => mark),
    changed: () => touched(),
  });
  const form = new LabelForm({ form: byId("form"), marks, threshold });
  const kinds = new Kinds({ fold: byId("more"), told: byId("more-told"), hint });
  const side = new Side({
    side: byId("side"), guide: byId("guide"), button: byId("guide-button"), told: byId("chosen"),
  });
  const answering = new Answering({
    form, keeper, hint, trouble, seconds: () => clock.seconds, button: byId("save"),
    here: { place, places: Number(places), keys }, said: Boolean(answer),
  });
  const gaps = new Gaps({
    dialog: byId("gap-dialog"), form: byId("gap-form"), list: byId("gaps"), hint,
    remark: (body) => answering.remark(body), changed: () => touched(),
  });
  const drafted = () => ({ ...form.filled, seconds: clock.seconds, gap: gaps.draft });
  const tell = () => { side.tell(form.told, marks.places.length); kinds.tell(); };
  const touched = () => { answering.touched(); keeper.draft(); tell(); };

  // --- marking -----------------------------------------------------------------------

  const mark = () => {
    hint("");
    if (selecting.on && getSelection().isCollapsed) hint("Nothing is selected yet: arrows with Shift select, s a sentence. Esc leaves.");
    else if (marks.add(getSelection())) selecting.stop();
  };
  const select = () => {
    const begun = selecting.start(search.hit);
    hint(begun ? "Arrows move, with Shift they select; s selects a sentence. Enter marks it, Esc leaves." : "There is nothing to select.");
    return begun;
  };
  const sentence = () => { if (selecting.on || select()) selecting.sentence(); };
  for (const id of ["mark", "mark-here"]) {
    byId(id).addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection
    byId(id).addEventListener("click", mark);
  }
  document.addEventListener("selectionchange", () => {
    byId("mark-here").classList.toggle("ready", !getSelection().isCollapsed);
  });

  // --- buttons and keys --------------------------------------------------------------

  const enter = () => { if (selecting.on) mark(); else answering.save(); };
  const choose = (value) => {
    if (selecting.on) { hint("You are selecting: Enter marks it, Esc leaves. Then choose."); return; }
    if (!form.choose(value)) return;
    side.see(form.chosen);
    hint("");
    touched();
  };
  const write = (field) => { side.toggle(false); field.scrollIntoView({ block: "nearest" }); field.focus(); };
  const wrap = () => hint(wrapping.toggle() ? "Lines of tools run on." : "Lines of tools wrap.");
  const acts = {
    p: () => choose("present"), a: () => choose("absent"), u: () => choose("unsure"),
    Enter: enter, b: () => answering.turn(-1), l: () => answering.turn(1),
    x: () => answering.skip(), f: () => answering.flag(byId("flag")), q: () => answering.away("/queue"),
    w: () => gaps.open(), g: () => side.toggle(), "?": () => byId("help").showModal(),
    e: mark, v: select, s: sentence, z: () => marks.undo(), Z: () => marks.redo(),
    E: () => { side.toggle(false); marks.visit(); },
    r: () => reading.fold(), "\\": wrap,
    j: () => reading.step(1), k: () => reading.step(-1),
    J: () => reading.step(1, { own: true }), K: () => reading.step(-1, { own: true }),
    n: () => search.next(1), N: () => search.next(-1), "/": () => { byId("search").focus(); byId("search").select(); },
    t: () => write(form.fields.note), d: () => { selecting.stop(); side.toggle(false); kinds.enter(); },
  };
  for (const digit of "0123456789") acts[digit] = () => choose(digit);
  const escape = ({ target }) => {
    hint("");
    search.leave();
    if (target.matches?.(TYPING)) target.blur();
    else if (!selecting.stop() && !kinds.leave({ close: true }) && !side.toggle(false)) document.activeElement?.blur();
  };
  /** Enter goes on with a search until another key is pressed. */
  const searching = (event) => {
    if (!search.walking || event.target === byId("search") || /^(Shift|Control|Alt|Meta)$/.test(event.key)) return false;
    if (event.key === "Enter" && !notOurs(event)) {
      if (!event.repeat) search.enter(event.shiftKey ? -1 : 1);
      return true;
    }
    if (!/^n$/i.test(keyOf(event))) { search.leave(); hint(""); }
    return false;
  };
  listen({
    acts,
    again: new Set("jkJKnNs"),
    early: (event) => {
      if (event.key === "Escape") { escape(event); return true; }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        if (!event.repeat) answering.save();
        return true;
      }
      if (event.target.matches?.(TYPING)) return false;
      return searching(event) || kinds.press(event) || selecting.move(event);
    },
  });
  byId("search").addEventListener("keydown", () => {
    if (search.walking) hint("Enter and n go on, v and s select. Esc leaves the search.");
  });
  byId("help").addEventListener("keydown", (event) => {
    if (event.key !== "?" || !byId("help").open) return; // its button keeps the focus for a moment
    event.preventDefault();
    byId("help").close();
  });
  const clicks = {
    save: () => answering.save(), back: acts.b, forward: acts.l, skip: acts.x, flag: acts.f, gap: acts.w, "help-button": acts["?"],
  };
  for (const [id, act] of Object.entries(clicks)) {
    byId(id).addEventListener("click", (event) => { event.preventDefault(); act(); });
  }
  byId("form").addEventListener("submit", (event) => event.preventDefault());
  byId("form").addEventListener("input", () => { hint(""); touched(); });

  // --- what was said before ------------------------------------------------------------

  const left = keeper.left();
  const fill = (said) => {
    form.fill(said);
    if (said.gap) gaps.fill(said.gap);
  };
  try {
    const before = left ?? (draft && JSON.parse(draft)) ?? answer;
    if (before) fill(before);
    if (left ?? draft) clock.add(Number(before.seconds) || 0);
  } catch { // of another's making: the page must not stop here
    fill({});
    hint("The draft that was kept of this cannot be read.");
  }
  for (const gap of state.gaps) gaps.add(gap);
  if (left ?? draft) answering.touched();
  if (left) keeper.draft();
  if (left ?? draft) note("This is your draft; it is not saved yet.");
  else if (answer) note("You have labeled this. Change it and save to change your mind.");
  byId("flag").setAttribute("aria-pressed", String(flagged));
  tell();

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
