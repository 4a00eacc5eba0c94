// A box drawn on the page is read again for the focused field. What comes back is an unsaved change: Escape drops it.

import { call } from "./bridge.js";
import { fill } from "./values.js";

export class Rereading {
  constructor(desk) {
    this.desk = desk;
    this.asked = 0;
    this.landed = null;
  }

  async read(box) {
    const { desk } = this;
    const { model } = desk;
    const { text, titles } = desk.settings;
    if (!model || desk.isBusy) return desk.page.dragging.drop();
    const [number, field] = [(this.asked += 1), model.focus];
    desk.notices.keep(fill(text.reading_again, { field: titles[field] }));
    const answer = await call("reread", { case_id: model.record.case_id, page: desk.page.number, box: desk.page.asStored(box), field });
    if (this.asked !== number || desk.model !== model) return;
    desk.page.dragging.drop();
    desk.notices.clear();
    if (answer.state !== "reread") return desk.records.take(answer);
    if (Object.keys(answer.answers ?? {}).length) this.land(answer, field);
    desk.notices.keep(answer.sentence);
  }

  land(answer, field) {
    const { desk } = this;
    const { model } = desk;
    model.take(answer.answers);
    this.landed = { model, depth: model.steps.past.length };
    desk.goTo(field);
    desk.changed();
  }

  // Escape: drop the box, or what came of it while nothing else was done; true where there was something.
  drop() {
    const { desk, landed } = this;
    this.asked += 1;
    this.landed = null;
    if (desk.page.dragging.drop()) {
      desk.notices.clear();
      return true;
    }
    if (!landed || landed.model !== desk.model || landed.depth !== desk.model.steps.past.length) return false;
    desk.model.undo();
    desk.changed();
    desk.notices.say(desk.settings.text.reread_dropped);
    return true;
  }
}
