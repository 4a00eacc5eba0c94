// Typing a number over the ejection fraction or the pressure. What was typed is never lost: a number that
// cannot be stored stays where it is, with a sentence beside it.

import { isDead, isUntold, latinKey } from "./keys.js";
import { NUMBER_KEYS } from "./values.js";

const byId = (id) => document.getElementById(id);
const CARD = { ef: "ef", rvsp: "pah" };
const ABOUT = /^[~≈\u02dc\u223c]/;
const SIGNS = ["-", ">", "<", "~"]; // a phone's number pad lacks them

// Puts a sign where the cursor stands; the number pad stays open.
function signButton(input, sign) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = sign;
  button.tabIndex = -1;
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => insert(input, sign));
  return button;
}

function insert(input, text) {
  input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

export class Typing {
  constructor(desk) {
    this.desk = desk;
    for (const name of ["ef", "rvsp"]) {
      const input = byId(`typing-${name}`);
      input.addEventListener("input", () => this.update(name));
      input.addEventListener("blur", () => this.leave(name));
      document.querySelector(`[data-signs-of="${name}"]`).replaceChildren(...SIGNS.map((sign) => signButton(input, sign)));
    }
  }

  start(name, text) {
    const { desk } = this;
    desk.goTo(CARD[name]);
    desk.model.type(name, text);
    desk.cards.render(desk.model);
    const input = byId(`typing-${name}`);
    input.value = text;
    input.focus();
    input.setSelectionRange(text.length, text.length);
  }

  update(name) {
    const { desk } = this;
    if (!desk.model) return;
    desk.model.type(name, byId(`typing-${name}`).value);
    desk.changed();
  }

  // Take over what stands in the inputs, without judging it.
  read() {
    for (const name of ["ef", "rvsp"]) {
      const input = byId(`typing-${name}`);
      if (!input.hidden && this.desk.model.typed[name]) this.desk.model.type(name, input.value);
    }
  }

  // Every typed number becomes an answer; false where one cannot, which then has the focus and a sentence.
  commitAll() {
    const { model } = this.desk;
    for (const name of ["ef", "rvsp"]) {
      if (!model.commit(name)) {
        this.desk.changed();
        byId(`typing-${name}`).focus();
        return false;
      }
    }
    return true;
  }

  commit(name) {
    const { desk } = this;
    const isTaken = desk.model.commit(name);
    if (isTaken) byId(`card-${CARD[name]}`).focus({ preventScroll: true });
    desk.changed();
    return isTaken;
  }

  // Leaving the input keeps a good number and leaves a bad one standing; an empty one goes away.
  leave(name) {
    const { desk } = this;
    const typed = desk.model?.typed[name];
    if (!typed || desk.isBusy) return;
    if (name === "ef" && !typed.text.trim()) desk.model.dropTyping(name);
    else desk.model.commit(name);
    desk.changed();
  }

  cancel(name) {
    const { desk } = this;
    desk.model.dropTyping(name);
    byId(`card-${CARD[name]}`).focus({ preventScroll: true });
    desk.changed();
  }

  // Keys while a number is being typed; true when they need nothing more.
  onKey(event) {
    const name = { "typing-ef": "ef", "typing-rvsp": "rvsp" }[event.target.id];
    if (!name) return false;
    const { desk } = this;
    const key = latinKey(event);
    if (event.isComposing || isUntold(event) || isDead(event)) return true; // letters on their way to a sign
    if (event.ctrlKey || event.metaKey || event.altKey) return true;
    if (key === "Enter") {
      event.preventDefault();
      if (!event.repeat && !desk.isBusy) this.afterEnter(name);
    } else if (key === "Escape" || (key === "Backspace" && !event.target.value)) {
      event.preventDefault();
      this.cancel(name);
    } else if (key === "Tab" || key === "ArrowUp" || key === "ArrowDown") {
      if (!this.commit(name)) event.preventDefault();
      else return false; // on to the next field as from any card
    } else if (key.toLowerCase() === "c" && name === "ef") {
      event.preventDefault();
      this.sayAbout(event.target);
    } else if (key.length === 1 && !NUMBER_KEYS.test(key)) {
      // Letters mean here what they mean on the card: not stated, unreadable, flag, ...
      if ("nuUN".includes(key) && name === "ef") desk.model.dropTyping("ef");
      else if (!this.commit(name)) {
        event.preventDefault();
        return true;
      }
      return false;
    } else if (key !== event.key) {
      // A digit of another script is taken as the digit it is.
      event.preventDefault();
      insert(event.target, key);
    }
    return true;
  }

  // C says "about" on every keyboard, also where ~ waits for the next key; again takes it back.
  sayAbout(input) {
    const typed = input.value.trimStart();
    const at = input.selectionStart - (input.value.length - typed.length);
    const isSaid = ABOUT.test(typed);
    input.value = isSaid ? typed.slice(1) : `~${typed}`;
    input.setSelectionRange(Math.max(0, at + (isSaid ? -1 : 1)), Math.max(0, at + (isSaid ? -1 : 1)));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Enter takes the number, then goes where an answer is still needed; a second Enter stores the record.
  afterEnter(name) {
    const { desk } = this;
    if (!this.commit(name)) return;
    const next = desk.model.nextNeeding(desk.model.focus);
    if (next) desk.goTo(next);
  }
}
