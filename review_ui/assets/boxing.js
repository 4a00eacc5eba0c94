// A box on the page by keys alone: moved and sized with the arrows, read again with Enter.

const STEP = 0.02; // of the page's width
const FIRST = { width: 0.5, height: 0.05 }; // where nothing is quoted to begin from
const ROUND = 0.01; // around what is quoted
const byId = (id) => document.getElementById(id);
const within = (value, lowest, highest) => Math.min(highest, Math.max(lowest, value));

export class Boxing {
  constructor(desk) {
    this.desk = desk;
    this.box = null; // [left, top, right, bottom], shares of the page
  }

  open() {
    const { notices, page, settings } = this.desk;
    if (!settings.may_reread) return notices.say(settings.text.no_rereading);
    this.box = this.beginning(page);
    this.show();
    return notices.keep(settings.text.boxing);
  }

  // Around what the field quotes on this page, else in the middle of what is seen of it.
  beginning({ model, number, scroller }) {
    const quoted = model.views[model.focus].boxes.find((one) => one.page === number);
    if (quoted) {
      const { left, top, width, height } = quoted;
      return [left - ROUND, top - ROUND, left + width + ROUND, top + height + ROUND].map((share) => within(share, 0, 1));
    }
    const paper = byId("paper");
    const middle = (scroller.scrollTop + scroller.clientHeight / 2 - paper.offsetTop) / paper.offsetHeight;
    const top = within(middle - FIRST.height / 2, 0, 1 - FIRST.height);
    return [(1 - FIRST.width) / 2, top, (1 + FIRST.width) / 2, top + FIRST.height];
  }

  show() {
    const [left, top, right, bottom] = this.box;
    this.desk.page.dragging.draw(this.box);
    this.desk.page.scrollTo([{ left, top, width: right - left, height: bottom - top }]);
  }

  // true where the key was for the box; any other key drops it and means what it always means.
  onKey(event) {
    if (!this.box || event.key === "Shift") return Boolean(this.box);
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (direction && isPlain) this.change(direction, event.shiftKey);
    else if (event.key === "Enter" && isPlain) this.read();
    else {
      this.box = null;
      this.desk.rereading.drop();
      if (event.key !== "Escape") return false;
    }
    event.preventDefault();
    return true;
  }

  change([x, y], isSize) {
    const paper = byId("paper");
    const step = [x * STEP, (y * STEP * paper.offsetWidth) / paper.offsetHeight];
    const [left, top, right, bottom] = this.box;
    const [wide, high] = [Math.abs(STEP), (STEP * paper.offsetWidth) / paper.offsetHeight];
    if (isSize) {
      this.box = [left, top, within(right + step[0], left + wide, 1), within(bottom + step[1], top + high, 1)];
    } else {
      const [dx, dy] = [within(step[0], -left, 1 - right), within(step[1], -top, 1 - bottom)];
      this.box = [left + dx, top + dy, right + dx, bottom + dy];
    }
    this.show();
  }

  read() {
    const { box } = this;
    this.box = null;
    this.desk.rereading.read(box);
  }

  // Another record, another page: there is no box any more.
  drop() {
    this.box = null;
  }
}
