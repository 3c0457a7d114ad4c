"use strict";
// What every part of the label page stands on. No text of a transcript is ever parsed:
// it is read from the page and written to it as text alone.

const byId = (id) => document.getElementById(id);

/** An element with these properties and children. */
const made = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

/** Says a thing for as long as it is so: what is wrong, or what to do instead. */
const told = (element) => (text) => {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
};

/** Whether there is likely no keyboard to speak of. */
const byTouch = () => matchMedia("(hover: none) and (pointer: coarse)").matches;

const pause = (time) => new Promise((go) => { setTimeout(go, time); });

/** Seconds for which the page was looked at. */
class Clock {
  #before = 0;
  #since = document.hidden ? null : performance.now();

  constructor() {
    document.addEventListener("visibilitychange", () => {
      this.#before = this.seconds;
      this.#since = document.hidden ? null : performance.now();
    });
  }

  get seconds() {
    const now = this.#since === null ? 0 : (performance.now() - this.#since) / 1000;
    return Math.min(86400, Math.round((this.#before + now) * 10) / 10);
  }

  /** Goes on from what was counted before a reload. */
  add(seconds) { this.#before += seconds; }
}
