// The lead's pages: figures that come later, keys, and settling. What the server sends
// is its own escaped page; nothing else is ever parsed.
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const wait = (time) => new Promise((go) => { setTimeout(go, time); });
  const typing = (element) => element.matches?.("textarea, select, input:not([type=radio])");
  const modified = (event) => event.ctrlKey || event.metaKey || event.altKey;

  // --- figures: asked for until they are there --------------------------------------

  const keepOpen = (before, after) => {
    const named = (fold) => fold.querySelector("summary").textContent;
    const open = new Set([...before.querySelectorAll("details[open]")].map(named));
    for (const fold of after.querySelectorAll("details")) fold.open = open.has(named(fold));
  };

  const askForFigures = async () => {
    while ($("figures")?.dataset.working === "yes") {
      await wait(700);
      try {
        const response = await fetch("/lead/figures");
        if (!response.ok) throw new Error(String(response.status));
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        const fresh = page.getElementById("figures");
        // Newer ones may be on their way already: these are shown until they are there.
        const shown = $("figures").dataset;
        if (fresh.dataset.upto === shown.upto && fresh.dataset.working === shown.working) continue;
        const scrolled = scrollY;
        keepOpen($("figures"), fresh);
        $("figures").replaceWith(document.adoptNode(fresh));
        scrollTo({ top: scrolled });
      } catch {
        $("figures-told").textContent = "The desk does not answer; the figures are asked for again.";
        await wait(3000);
      }
    }
  };

  const walkCases = (event) => {
    const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (!by || modified(event) || typing(event.target)) return;
    const there = document.activeElement.matches("a.case-link");
    if (event.key.startsWith("Arrow") && !there) return; // they scroll the page
    const links = [...document.querySelectorAll("a.case-link")].filter((link) => link.checkVisibility?.() ?? true);
    const next = links[links.indexOf(document.activeElement) + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  if ($("lead")) {
    askForFigures();
    document.addEventListener("keydown", walkCases);
    document.documentElement.dataset.ready = "yes";
    return;
  }
  const state = $("case-state");
  if (!state) return;

  // --- one case ----------------------------------------------------------------------

  const { case: number, threshold, before, after, seen } = JSON.parse(state.textContent);
  const settle = $("settle"), gap = $("gap-form"), discuss = $("discuss"), keys = $("lead-keys");
  const trouble = $("trouble");
  const say = (text) => { if (trouble.textContent !== text) trouble.textContent = text; trouble.hidden = !text; };

  const post = async (what, body) => {
    const response = await fetch(`/lead/case/${number}/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await response.json();
    if (!response.ok) throw Object.assign(new Error(said.error), { status: response.status });
    return said;
  };

  // What is typed stays in this tab until the desk has kept it, through reloads too.
  const kept = (form) => `judge-desk ${number} ${form.id}`;
  const fields = (form) => Object.fromEntries(new FormData(form));
  const remember = (form) => {
    try { sessionStorage.setItem(kept(form), JSON.stringify(fields(form))); } catch { /* no room: it is still on the page */ }
  };
  const recall = (form) => {
    let found = {};
    try { found = JSON.parse(sessionStorage.getItem(kept(form)) ?? "{}"); } catch { /* not ours */ }
    for (const [name, value] of Object.entries(found)) {
      const element = form.elements[name];
      if (element) element.value = value;
    }
  };

  // Sent until it is kept; what is on the page by then is what is sent.
  const sending = new Set();
  const send = async (form, what, body) => {
    if (sending.has(form)) return;
    sending.add(form);
    try {
      for (;;) {
        try {
          const said = await post(what, body());
          sessionStorage.removeItem(kept(form));
          say("");
          form.reset();
          location.assign(said.next ?? location.pathname);
          return;
        } catch (error) {
          if (error.status && error.status !== 503) { say(error.message); return; }
          const why = error.status ? error.message : "The desk does not answer.";
          say(`${why} Nothing you typed is lost: it is on this page and is sent again.`);
          await wait(1000);
        }
      }
    } finally {
      sending.delete(form);
    }
  };

  const decided = () => {
    const { level, why } = fields(settle);
    if (/^\d$/.test(level)) {
      return { label: Number(level) >= threshold ? "present" : "absent", severity: Number(level), why, seen };
    }
    return { label: level, severity: null, why, seen };
  };
  const missing = (form) => {
    const { level, why } = fields(form);
    if (form === settle && level === undefined) { say("Choose what it is first: a level, p, a or u."); return true; }
    if (!why.trim()) { say("Say why: whoever reads the labels will want to know."); form.elements.why.focus(); return true; }
    return false;
  };
  const what = new Map([[settle, "settle"], [gap, "gap"], [discuss, "discussed"]]);
  const submit = (form) => {
    if (!missing(form)) send(form, what.get(form), form === settle ? decided : () => fields(form));
  };
  for (const form of [settle, gap, discuss].filter(Boolean)) {
    form.noValidate = true; // `missing` says what is missing, and where
    recall(form);
    form.addEventListener("input", () => { say(""); remember(form); });
    form.addEventListener("submit", (event) => { event.preventDefault(); submit(form); });
  }

  // --- keys --------------------------------------------------------------------------

  const press = (value) => {
    const radio = settle.querySelector(`input[name=level][value="${value}"]`);
    if (!radio) return;
    radio.checked = true;
    radio.closest("label").scrollIntoView({ block: "nearest" });
    say("");
    remember(settle);
  };
  const go = (to) => { if (to) location.assign(`/lead/case/${to}`); };
  const fold = () => {
    const folds = [...document.querySelectorAll("details.reasoning")];
    const open = folds.some((one) => one.open);
    for (const one of folds) one.open = !open;
  };
  let passage = -1;
  const read = (by) => {
    const places = [...document.querySelectorAll("mark.by .at")];
    if (!places.length) { say("Nobody marked any words."); return; }
    passage = (passage + by + places.length) % places.length;
    const inside = places[passage].closest("details");
    if (inside) inside.open = true;
    location.replace(`#${places[passage].id}`);
  };
  const nameGap = () => { $("gap-fold").open = true; gap.elements.clause.focus(); };
  const acts = {
    p: () => press("present"), a: () => press("absent"), u: () => press("unsure"),
    t: () => settle.elements.why.focus(), g: nameGap, r: fold,
    e: () => read(1), E: () => read(passage < 0 ? 0 : -1),
    ArrowLeft: () => go(before), ArrowRight: () => go(after),
    b: () => location.assign("/lead"), "?": () => keys.showModal(),
  };
  $("lead-keys-button").addEventListener("click", () => keys.showModal());
  document.addEventListener("keydown", (event) => {
    if (keys.open) return;
    const { key, target } = event;
    if (key === "Escape") { document.activeElement?.blur(); return; }
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit(target.closest?.("form.act") ?? settle);
      return;
    }
    if (typing(target) || modified(event)) return;
    if (target.type === "radio" && key.startsWith("Arrow")) return; // they choose there
    if (/^\d$/.test(key)) { event.preventDefault(); press(key); return; }
    const act = acts[key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.documentElement.dataset.ready = "yes";
})();
