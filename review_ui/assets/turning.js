// A photo that lies on its side is turned by quarters, with everything that is marked on it. On this screen alone: the
// picture stays stored as it is, and a part that is read again is named as it lies there.

const QUARTERS = 4;
const LINES_IN_CROP = 1.7; // height of a strip in heights of the printed line, as `crops.py` has it

// A part of the page, in shares of it, after one quarter more, clockwise.
const turnedBox = (box) => ({ ...box, left: 1 - box.top - box.height, top: box.left, width: box.height, height: box.width });

export class Turning {
  constructor() {
    this.kept = new Map(); // record and page -> quarters, also when the record is shown again
    this.pictures = new WeakMap(); // image -> [quarters, canvas]
  }

  // Turn a page of the record on screen by one quarter more.
  turn(record, number) {
    const key = `${record.case_id}/${number}`;
    this.kept.set(key, ((this.kept.get(key) ?? 0) + 1) % QUARTERS);
    this.apply(record);
  }

  // Bring the record's pages and marks to where they were turned to.
  apply(record) {
    record.quarters ??= {};
    for (const { number } of record.pages) {
      const [is, wanted] = [record.quarters[number] ?? 0, this.kept.get(`${record.case_id}/${number}`) ?? 0];
      for (let times = (wanted - is + QUARTERS) % QUARTERS; times > 0; times -= 1) turnOnce(record, number);
      record.quarters[number] = wanted;
      if (wanted !== is) for (const field of record.fields) placeCrop(record, field, number, wanted);
    }
  }

  // The image, or a turned picture of it.
  picture(image, record, number) {
    const quarters = record.quarters?.[number] ?? 0;
    if (!quarters || !image.naturalWidth) return image;
    const [had, before] = this.pictures.get(image) ?? [];
    if (had === quarters) return before;
    const canvas = turnedPicture(image, quarters);
    this.pictures.set(image, [quarters, canvas]);
    return canvas;
  }

  // [left, top, right, bottom] on the turned page -> the same part of the page as it is stored.
  asStored([left, top, right, bottom], record, number) {
    let box = { left, top, width: right - left, height: bottom - top };
    const back = (QUARTERS - (record.quarters?.[number] ?? 0)) % QUARTERS;
    for (let times = 0; times < back; times += 1) box = turnedBox(box);
    return [box.left, box.top, box.left + box.width, box.top + box.height];
  }
}

function turnOnce(record, number) {
  record.pages = record.pages.map((page) => (page.number === number
    ? { ...page, width_px: page.height_px, height_px: page.width_px } : page));
  for (const field of record.fields) {
    field.boxes = field.boxes.map((box) => (box.page === number ? turnedBox(box) : box));
  }
}

// The strip beside a field follows the first of its marks; upright it is the one that came with the record.
function placeCrop(record, field, number, quarters) {
  field.storedCrop ??= field.crop;
  if (field.storedCrop?.page !== number) return;
  const page = record.pages.find((one) => one.number === number);
  const line = field.boxes.find((box) => box.page === number);
  if (!quarters || !line) {
    field.crop = field.storedCrop;
    return;
  }
  const height = line.height * page.height_px * LINES_IN_CROP;
  const top = (line.top + line.height / 2) * page.height_px - height / 2;
  field.crop = { page: number, left: line.left * page.width_px - height / 2, top, width: line.width * page.width_px, height };
}

function turnedPicture(image, quarters) {
  const canvas = document.createElement("canvas");
  const [width, height] = [image.naturalWidth, image.naturalHeight];
  [canvas.width, canvas.height] = quarters % 2 ? [height, width] : [width, height];
  const brush = canvas.getContext("2d");
  brush.translate(canvas.width / 2, canvas.height / 2);
  brush.rotate((quarters * Math.PI) / 2);
  brush.drawImage(image, -width / 2, -height / 2);
  canvas.setAttribute("role", "img");
  return canvas;
}
