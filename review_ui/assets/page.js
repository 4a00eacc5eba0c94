// The report page: fitted to the width, zoomed and moved, with the evidence boxed and brought into view.

import { Dragging } from "./dragging.js";
import { at } from "./root.js";
import { Turning } from "./turning.js";
import { fill } from "./values.js";

const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 2.5, 3, 4];
const MARGIN_PX = 24;
const KEEP_CLEAR_PX = 72; // evidence is kept this far from the pane's edges, clear of the zoom buttons

const byId = (id) => document.getElementById(id);

export class PageView {
  constructor(settings, onBox) {
    this.settings = settings;
    this.zoom = 1;
    this.images = new Map(); // page number -> decoded image of the record on screen
    this.turning = new Turning();
    this.scroller = byId("scroller");
    this.number = 1;
    byId("zoom-in").addEventListener("click", () => this.zoomBy(1));
    byId("zoom-out").addEventListener("click", () => this.zoomBy(-1));
    byId("zoom-fit").addEventListener("click", () => this.fit());
    byId("page-quarter").addEventListener("click", () => this.turnQuarter());
    byId("page-next").addEventListener("click", () => this.turn(1));
    byId("page-before").addEventListener("click", () => this.turn(-1));
    this.scroller.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.dragging = new Dragging(this.scroller, { mayReread: Boolean(settings.may_reread), onBox });
    new ResizeObserver(() => this.layout()).observe(this.scroller);
  }

  // Fetch and decode the pages of a record; the wanted one first. Resolves when that one can be painted.
  static async load(record, wanted) {
    const images = new Map();
    const fetchOne = async (page) => {
      const image = new Image();
      image.src = at(page.url);
      images.set(page.number, image);
      await image.decode();
    };
    const [first, others] = [record.pages.find((page) => page.number === wanted) ?? record.pages[0],
      record.pages.filter((page) => page.number !== wanted)];
    let isShown = true;
    try {
      if (first) await fetchOne(first);
    } catch {
      isShown = false;
    }
    const rest = Promise.allSettled(others.map(fetchOne));
    return { images, isShown, rest };
  }

  show(model, images) {
    this.model = model;
    this.images = images;
    this.turning.apply(model.record);
    this.dragging.drop();
    this.number = model.record.pages[0]?.number ?? 1;
    this.scroller.scrollLeft = this.scroller.scrollTop = 0; // every record starts from the same place
    this.bringEvidence();
  }

  imageOf(number) {
    const image = this.images.get(number);
    return image?.complete && image.naturalWidth ? this.turning.picture(image, this.model.record, number) : null;
  }

  // Bring the focused field's evidence into view, turning the page where needed.
  bringEvidence() {
    const boxes = this.model.views[this.model.focus].boxes;
    if (boxes.length) this.number = boxes[0].page;
    this.paint();
    const onPage = (box) => box.page === this.number;
    const here = boxes.filter(onPage);
    // Where the evidence of all fields fits the pane, the page stays put while the focus moves.
    const all = Object.values(this.model.views).flatMap((view) => view.boxes).filter(onPage);
    if (here.length) this.scrollTo(this.fits(all) ? all : here);
  }

  paint() {
    const { pages, case_id } = this.model.record;
    const stored = this.images.get(this.number);
    const image = stored && this.turning.picture(stored, this.model.record, this.number);
    const holder = byId("page");
    if (image && holder.firstChild !== image) {
      const said = fill(this.settings.text.report_alt, { page: this.number, case_id });
      image.setAttribute(image === stored ? "alt" : "aria-label", said);
      image.draggable = false;
      holder.replaceChildren(image);
    } else if (!image) {
      holder.replaceChildren();
    }
    byId("page-next").hidden = byId("page-before").hidden = pages.length < 2;
    this.layout();
    this.paintBoxes();
    this.onPage?.(this.number);
  }

  layout() {
    const page = this.model?.record.pages.find((one) => one.number === this.number);
    if (!page) return;
    const width = Math.max(120, this.scroller.clientWidth - 2 * MARGIN_PX) * this.zoom;
    const paper = byId("paper");
    paper.style.width = `${width}px`;
    paper.style.height = `${(width * page.height_px) / page.width_px}px`;
  }

  paintBoxes() {
    const boxes = [];
    for (const [field, view] of Object.entries(this.model.views)) {
      for (const box of view.boxes.filter((one) => one.page === this.number)) {
        const mark = document.createElement("div");
        mark.className = field === this.model.focus ? "box strong" : "box";
        mark.dataset.field = field;
        mark.style.left = `${box.left * 100}%`;
        mark.style.top = `${box.top * 100}%`;
        mark.style.width = `${box.width * 100}%`;
        mark.style.height = `${box.height * 100}%`;
        boxes.push(mark);
      }
    }
    boxes.sort((a, b) => a.classList.length - b.classList.length); // the strong ones on top
    byId("boxes").replaceChildren(...boxes);
  }

  fits(boxes) {
    const top = Math.min(...boxes.map((box) => box.top));
    const bottom = Math.max(...boxes.map((box) => box.top + box.height));
    return (bottom - top) * byId("paper").offsetHeight < this.scroller.clientHeight - 2 * KEEP_CLEAR_PX;
  }

  scrollTo(boxes) {
    const paper = byId("paper");
    const [width, height] = [paper.offsetWidth, paper.offsetHeight];
    const top = Math.min(...boxes.map((box) => box.top)) * height + paper.offsetTop;
    const bottom = Math.max(...boxes.map((box) => box.top + box.height)) * height + paper.offsetTop;
    const left = Math.min(...boxes.map((box) => box.left)) * width + paper.offsetLeft;
    const right = Math.max(...boxes.map((box) => box.left + box.width)) * width + paper.offsetLeft;
    const view = this.scroller;
    // No further than needed: what was on screen stays on screen.
    const [highest, lowest] = [bottom + KEEP_CLEAR_PX - view.clientHeight, top - KEEP_CLEAR_PX];
    view.scrollTop = Math.max(Math.min(view.scrollTop, lowest), Math.min(highest, lowest));
    if (left < view.scrollLeft || right > view.scrollLeft + view.clientWidth) {
      view.scrollLeft = Math.max(0, Math.min(left - MARGIN_PX, (left + right - view.clientWidth) / 2));
    }
  }

  // A photo that lies on its side; everything on it and beside it goes along.
  turnQuarter() {
    if (!this.model) return;
    this.dragging.drop();
    this.turning.turn(this.model.record, this.number);
    this.paint();
    const here = this.model.views[this.model.focus].boxes.filter((box) => box.page === this.number);
    if (here.length) this.scrollTo(here);
    this.onTurned?.();
  }

  // A part of the page on screen, as it lies in the picture that is stored.
  asStored(box) {
    return this.turning.asStored(box, this.model.record, this.number);
  }

  turn(step) {
    const numbers = this.model?.record.pages.map((page) => page.number) ?? [];
    const next = this.number + step;
    if (!numbers.includes(next)) return;
    this.number = next;
    this.scroller.scrollTop = 0;
    this.paint();
  }

  zoomBy(step) {
    const at = ZOOMS.reduce((best, zoom, index) => (Math.abs(zoom - this.zoom) < Math.abs(ZOOMS[best] - this.zoom)
      ? index : best), 0);
    this.setZoom(ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, at + step))]);
  }

  fit() {
    this.setZoom(1);
    this.scroller.scrollLeft = 0;
  }

  // Zoom about a point of the pane, by default its middle.
  setZoom(zoom, x = this.scroller.clientWidth / 2, y = this.scroller.clientHeight / 2) {
    const view = this.scroller;
    const [fromLeft, fromTop] = [view.scrollLeft + x, view.scrollTop + y];
    const ratio = zoom / this.zoom;
    this.zoom = zoom;
    this.layout();
    view.scrollLeft = fromLeft * ratio - x;
    view.scrollTop = fromTop * ratio - y;
  }

  move(x, y) {
    this.scroller.scrollBy(x * 80, y * 80);
  }

  movePage(step) {
    const view = this.scroller;
    const isAtEnd = step > 0 ? view.scrollTop + view.clientHeight >= view.scrollHeight - 2 : view.scrollTop <= 0;
    if (isAtEnd) this.turn(step);
    else view.scrollBy(0, step * view.clientHeight * 0.85);
  }

  onWheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const box = this.scroller.getBoundingClientRect();
    const zoom = Math.max(ZOOMS[0], Math.min(ZOOMS.at(-1), this.zoom * Math.exp(-event.deltaY / 400)));
    this.setZoom(zoom, event.clientX - box.left, event.clientY - box.top);
  }
}
