// What was answered and not stored yet goes to the server a moment after each change, so that a reload or another
// tab of the same person finds it again. Nothing of it stays in the browser.

import { callAndLeave } from "./bridge.js";

const QUIET_MS = 600;
const AGAIN_MS = 5000;

export class WorkKeeper {
  constructor(desk) {
    this.desk = desk;
    this.sent = "";
    addEventListener("pagehide", () => this.send());
    document.addEventListener("visibilitychange", () => document.hidden && this.send());
  }

  // After every change; only the last of several is sent.
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), QUIET_MS);
  }

  // A record that was just shown: what the server has of it is what it sent.
  restart() {
    clearTimeout(this.timer);
    this.sent = "";
  }

  async send() {
    clearTimeout(this.timer);
    const { model, isBusy } = this.desk;
    if (!model || isBusy || model.taken) return;
    if (!model.isTouched() && !this.sent) return;
    const { case_id, screen } = model.record;
    const payload = { case_id, screen, work: model.isTouched() ? model.work() : null };
    const body = JSON.stringify(payload);
    if (body === this.sent) return;
    this.sent = body;
    if ((await callAndLeave("keep_work", payload)) || this.sent !== body) return;
    this.sent = ""; // nobody was there: once more, until somebody is or the record is another one
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), AGAIN_MS);
  }
}
