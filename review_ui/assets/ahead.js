// The next two records: fetched and decoded while this one is read, so that the next is painted at once.

import { call } from "./bridge.js";
import { Model } from "./model.js";
import { PageView } from "./page.js";

export class Ahead {
  constructor(settings) {
    this.settings = settings;
    this.loaded = new Map(); // case id -> promise of its pages
    this.records = []; // those that come next, in order, as the server told them
    this.pages = new Map(); // case id -> its pages, once they can be painted
  }

  // The record after this one with its pages, where it can be painted at once; else null.
  ready(caseId) {
    const record = this.records.find((one) => one.case_id !== caseId);
    const pages = record && this.pages.get(record.case_id);
    return pages?.isShown ? { record, pages } : null;
  }

  keep(caseId, pages) {
    this.pages.set(caseId, pages);
    this.tell();
  }

  // It is on screen now, or not ours any more.
  forget(caseId) {
    this.loaded.delete(caseId);
    this.pages.delete(caseId);
    this.records = this.records.filter((one) => one.case_id !== caseId);
    this.tell();
  }

  tell() {
    document.getElementById("desk").dataset.ahead = [...this.pages.keys()].join(" ");
  }

  // The pages of a record, from what was fetched ahead where it was.
  async pagesOf(record, wanted) {
    const ahead = this.loaded.get(record.case_id);
    this.forget(record.case_id);
    this.records = []; // what comes after it is asked for anew
    const pages = await ahead;
    return pages?.isShown ? pages : PageView.load(record, wanted);
  }

  async fetch(record) {
    const answer = await call("prefetch", { case_id: record.case_id });
    if (answer.state !== "ahead" || !Array.isArray(answer.records)) return;
    const held = new Set(answer.records.map((one) => one.case_id));
    for (const caseId of this.loaded.keys()) if (!held.has(caseId)) this.forget(caseId);
    this.records = answer.records;
    for (const one of answer.records) {
      if (this.loaded.has(one.case_id)) continue;
      const { views, focus } = new Model(one, this.settings);
      const loading = PageView.load(one, views[focus].boxes[0]?.page ?? 1);
      this.loaded.set(one.case_id, loading);
      loading.then((pages) => this.loaded.has(one.case_id) && this.keep(one.case_id, pages));
    }
  }
}
