// The mouse on the page: a drag draws a box to read again, or moves the page (always so with Space held).

const SMALLEST_PX = 6;
const byId = (id) => document.getElementById(id);

export class Dragging {
  constructor(scroller, { mayReread, onBox }) {
    this.scroller = scroller;
    this.mayReread = mayReread;
    this.onBox = onBox;
    this.start = null; // where a box begins, as shares of the page
    scroller.classList.toggle("boxing", mayReread);
    scroller.addEventListener("pointerdown", (event) => this.down(event));
    scroller.addEventListener("pointermove", (event) => this.move(event));
    scroller.addEventListener("pointerup", (event) => this.up(event));
    scroller.addEventListener("pointercancel", () => this.drop());
  }

  holdSpace(isHeld) {
    this.isMoving = isHeld;
    this.scroller.classList.toggle("moving", isHeld);
  }

  down(event) {
    if (event.button !== 0 || event.pointerType === "touch") return;
    if (event.offsetX > this.scroller.clientWidth && event.target === this.scroller) return; // the scroll bar
    this.scroller.setPointerCapture(event.pointerId);
    if (this.mayReread && !this.isMoving) {
      this.start = this.at(event);
      return;
    }
    this.scroller.classList.add("dragging");
  }

  move(event) {
    if (!this.scroller.hasPointerCapture(event.pointerId)) return;
    if (this.start) this.draw(this.box(event));
    else if (this.scroller.classList.contains("dragging")) this.scroller.scrollBy(-event.movementX, -event.movementY);
  }

  up(event) {
    this.scroller.classList.remove("dragging");
    if (!this.start) return;
    const box = this.box(event);
    const page = byId("page").getBoundingClientRect();
    const isBox = (box[2] - box[0]) * page.width >= SMALLEST_PX && (box[3] - box[1]) * page.height >= SMALLEST_PX;
    this.start = null;
    if (isBox) this.onBox(box);
    else this.drop();
  }

  // Take the box away; true where there was one.
  drop() {
    const wasThere = Boolean(this.start) || !byId("rubber").hidden;
    this.start = null;
    this.scroller.classList.remove("dragging");
    byId("rubber").hidden = true;
    return wasThere;
  }

  at(event) {
    const page = byId("page").getBoundingClientRect();
    const share = (value) => Math.min(1, Math.max(0, value));
    return [share((event.clientX - page.left) / page.width), share((event.clientY - page.top) / page.height)];
  }

  // -> [left, top, right, bottom], shares of the page
  box(event) {
    const [[x, y], [startX, startY]] = [this.at(event), this.start];
    return [Math.min(x, startX), Math.min(y, startY), Math.max(x, startX), Math.max(y, startY)];
  }

  draw([left, top, right, bottom]) {
    const rubber = byId("rubber");
    rubber.hidden = false;
    rubber.style.left = `${left * 100}%`;
    rubber.style.top = `${top * 100}%`;
    rubber.style.width = `${(right - left) * 100}%`;
    rubber.style.height = `${(bottom - top) * 100}%`;
  }
}
