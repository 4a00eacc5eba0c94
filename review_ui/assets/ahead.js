// The next two records: fetched and decoded while this one is read, so that the next is painted at once.

import { call } from "./bridge.js";
import { Model } from "./model.js";
import { PageView } from "./page.js";

export class Ahead {
  constructor(settings) {
    this.settings = settings;
    this.loaded = new Map(); // case id -> promise of its pages
  }

  // The pages of a record, from what was fetched ahead where it was.
  async pagesOf(record, wanted) {
    const ahead = this.loaded.get(record.case_id);
    this.loaded.delete(record.case_id);
    const pages = await ahead;
    return pages?.isShown ? pages : PageView.load(record, wanted);
  }

  async fetch(record) {
    const answer = await call("prefetch", { case_id: record.case_id });
    if (answer.state !== "ahead" || !Array.isArray(answer.records)) return;
    const held = new Set(answer.records.map((one) => one.case_id));
    for (const caseId of this.loaded.keys()) if (!held.has(caseId)) this.loaded.delete(caseId);
    for (const one of answer.records) {
      if (this.loaded.has(one.case_id)) continue;
      const { views, focus } = new Model(one, this.settings);
      this.loaded.set(one.case_id, PageView.load(one, views[focus].boxes[0]?.page ?? 1));
    }
  }
}
