// The report leaves the screen where nobody is signed in any more or nobody has been there for long: who passes by
// must not read it. The answers stay. The first key or press after that asks the server, and does nothing else.

const KINDS = ["keydown", "pointerdown"];
const HOLDING = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"];
const SAYS_NOTHING = ["offline", "failed", "busy"]; // of who is there

export class Cover {
  constructor(desk) {
    this.desk = desk;
    for (const kind of KINDS) addEventListener(kind, (event) => this.onAct(event), { capture: true });
  }

  get isOn() {
    return this.desk.root.hasAttribute("data-covered");
  }

  put(isOn) {
    this.desk.root.toggleAttribute("data-covered", isOn);
  }

  // What the server answered says whether somebody is signed in.
  heed({ state }) {
    if (!SAYS_NOTHING.includes(state)) this.put(state === "signed_out");
  }

  onAct(event) {
    if (!this.isOn || event.target.closest?.(".top, a")) return; // the menu leads away
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!HOLDING.includes(event.key)) this.desk.records.beat();
  }
}
