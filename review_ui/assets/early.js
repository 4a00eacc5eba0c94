// Keys pressed before a record was open. They belong to no record that a person could see and answer, so none is
// taken; and as the rest of what was being typed would mean something else without its beginning (the 5 of 55, the
// words of a note without the F before them), it is not taken either, until there is a pause.

const PAUSE_MS = 500;
const HOLDING = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"];

export class EarlyKeys {
  constructor(desk) {
    this.desk = desk;
    this.lastAt = -Infinity;
    this.isUntold = false;
  }

  // Whether a key came too early, or goes with one that did; it is used up then.
  takes(event) {
    const isCommand = event.ctrlKey || event.metaKey || event.altKey;
    if (isCommand || HOLDING.includes(event.key)) return false;
    const { desk } = this;
    const isEarly = desk.isBusy || event.timeStamp < desk.records.shownAt;
    const now = performance.now();
    const isRest = now - this.lastAt < PAUSE_MS;
    if (!isRest && !(isEarly && event.key.length === 1)) return false;
    event.preventDefault();
    this.lastAt = now;
    this.isUntold = true;
    if (!desk.isBusy) this.tell();
    return true;
  }

  // Once the record is open: what was pressed has to be pressed again.
  tell() {
    if (this.isUntold) this.desk.notices.sayBeside(this.desk.settings.text.keys_early);
    this.isUntold = false;
  }

  // Another answer is waited for.
  forget() {
    this.isUntold = false;
  }
}
