// Files on their way in: chosen, dropped or photographed, sent one by one, then looked at on the next page.

import { at } from "./root.js";

const AT_ONCE = 2;
const area = document.getElementById("adding");
const sending = area.querySelector(".sending");
const [status, bar, stop] = sending.children;
const troubles = area.querySelector(".troubles");
const words = area.dataset;
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
const post = (path, body, more = {}) => fetch(at(path), { method: "POST", body, ...more });

// ---- what was chosen: a list of {file, name}, the name with the folders it lies in

const ofInput = (input) => [...input.files].map((file, at) => ({ file, name: nameOf(input, file, at) }));

// A phone calls every photo image.jpg.
function nameOf(input, file, at) {
  if (!input.hasAttribute("capture")) return file.webkitRelativePath || file.name;
  const ending = file.name.includes(".") ? file.name.split(".").pop() : "jpg";
  const clock = new Date().toISOString().slice(11, 19).replaceAll(":", "");
  return `photo-${clock}${at ? `-${at}` : ""}.${ending}`;
}

async function ofEntry(entry) {
  const name = entry.fullPath.slice(1);
  if (entry.isFile) return [{ name, file: await new Promise((done, failed) => entry.file(done, failed)) }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const inner of some) found.push(...(await ofEntry(inner)));
  }
}

async function ofDrop(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, name: file.name }));
  return (await Promise.all(entries.map(ofEntry))).flat();
}

const isLitter = ({ name }) => name.split("/").some((part) => part.startsWith("."));

// ---- sending

class Sending {
  constructor(files) {
    this.files = files;
    this.total = files.length;
    this.done = 0;
    this.leftOut = [];
    this.stopping = new AbortController();
  }

  async begin() {
    if (area.dataset.upload) return;
    const answer = await post("/add/begin", new URLSearchParams({ new: "1" }), { signal: this.stopping.signal });
    if (!answer.ok) throw new Error("begin");
    area.dataset.upload = (await answer.json()).upload;
  }

  async run() {
    await this.begin();
    const lanes = Array.from({ length: AT_ONCE }, async () => {
      for (let next = this.files.shift(); next; next = this.files.shift()) await this.one(next);
    });
    await Promise.all(lanes);
  }

  async one({ file, name }) {
    if (file.size > Number(words.mostBytes)) this.leftOut.push({ name, why: words.tooLarge });
    else {
      const headers = { "x-upload": area.dataset.upload, "x-name": encodeURIComponent(name), "content-type": "application/octet-stream" };
      const answer = await post("/add/file", file, { headers, signal: this.stopping.signal });
      if (answer.headers.get("content-type") !== "application/json") throw new Error(String(answer.status));
      const told = await answer.json();
      if (!answer.ok) this.leftOut.push({ name, why: `${told.reason}. ${told.remedy}` });
      for (const inner of told.refused ?? []) this.leftOut.push({ name: inner.name, why: `${inner.reason}. ${inner.remedy}` });
    }
    this.done += 1;
    show(this);
  }
}

let current = null;

function show({ done, total }) {
  status.textContent = done < total ? fill(words.sending, { done, total }) : words.looking;
  bar.max = total;
  bar.value = done;
}

async function send(chosen) {
  if (current) return;
  const files = chosen.filter((one) => !isLitter(one));
  troubles.hidden = true;
  if (!files.length) return tell([words.nothing]);
  current = new Sending(files);
  sending.hidden = false;
  show(current);
  try {
    await current.run();
  } catch (error) {
    return giveUp(error);
  }
  if (!current.leftOut.length) return look();
  const listed = current.leftOut.map(({ name, why }) => `${name}: ${why}`);
  sending.hidden = true;
  current = null;
  tell([words.leftOut, ...listed], true);
}

const look = () => location.assign(at(`/add?upload=${area.dataset.upload}`));

// Stopped by the person: what has come goes again. Else the server was not there, or said something else.
async function giveUp(error) {
  const isStopped = error.name === "AbortError";
  if (isStopped && area.dataset.upload) await post("/add/drop", new URLSearchParams({ upload: area.dataset.upload })).catch(() => {});
  if (isStopped) return location.assign(at("/add"));
  current = null;
  sending.hidden = true;
  tell([words.failed]);
}

function tell(lines, canGoOn = false) {
  const said = lines.map((line) => Object.assign(document.createElement("p"), { textContent: line }));
  troubles.replaceChildren(...said);
  if (canGoOn) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words.goOn });
    button.addEventListener("click", look);
    troubles.append(button);
  }
  troubles.hidden = false;
}

for (const input of area.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    const chosen = ofInput(input);
    input.value = ""; // the same file may be chosen again
    send(chosen);
  });
}
// What was typed and not looked at yet is looked at first.
const whose = document.getElementById("whose");
const isTyped = (one) => (one.selectedOptions ? !one.selectedOptions[0].defaultSelected && one.selectedIndex > 0 : one.value !== one.defaultValue);
document.querySelector("form.store")?.addEventListener("submit", (event) => {
  const isNotNow = event.submitter?.hasAttribute("formnovalidate");
  if (isNotNow || ![...(whose?.querySelectorAll("input, select") ?? [])].some(isTyped)) return;
  event.preventDefault();
  whose.requestSubmit();
});
stop.addEventListener("click", () => current?.stopping.abort());
for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    area.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => event.relatedTarget || area.classList.remove("over"));
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  area.classList.remove("over");
  send(await ofDrop(event.dataTransfer));
});
