// A page that shows reports leaves the screen where nobody has been there for long, or nobody is signed in any more:
// who passes by must not read it. What was typed stays. The first key or press after that asks the server, and does
// nothing else.

import { Activity } from "./activity.js";

const LOOKS_EVERY_MS = 15000;
const PATIENCE_MS = 10000;
const HOLDING = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"];
const said = document.getElementById("left");
const activity = new Activity();

const isCovered = () => document.body.hasAttribute("data-covered");

function cover(words) {
  document.body.setAttribute("data-covered", "");
  said.textContent = words;
  said.hidden = false;
}

function uncover() {
  document.body.removeAttribute("data-covered");
  said.hidden = true;
}

// Where nobody answers nothing is known, and the page stays as it is.
async function ask() {
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    answer.body?.cancel();
    if (answer.status === 401 || answer.status === 403) cover(said.dataset.signedOut);
    else if (answer.ok) uncover();
  } catch {
    // nobody is there
  }
}

function onAct(event) {
  if (!isCovered() || event.target.closest?.("body > header a")) return; // the menu leads away
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!HOLDING.includes(event.key)) ask();
}

for (const kind of ["keydown", "pointerdown", "click"]) addEventListener(kind, onAct, { capture: true });
document.addEventListener("visibilitychange", () => !document.hidden && !isCovered() && ask());
addEventListener("pageshow", (event) => event.persisted && ask());
setInterval(() => !isCovered() && activity.isAway() && cover(said.dataset.away), LOOKS_EVERY_MS);
