// The one way to the server: an event. Nothing is kept in the browser's storage.

import { at } from "./root.js";

const PATIENCE_MS = 20000;
const BUSY_RETRIES = 4;
const PAGE = crypto.randomUUID(); // Gradio's word for one open page; without it, it builds all of its state anew
const BUSY_PAUSE_MS = 500;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// What is called at every record has a plain route of its own (`review_ui/door/policy.py`); the rest are Gradio's.
const DIRECT = new Set(["open_next", "prefetch", "decide", "heartbeat", "keep_work"]);

function post(event, payload, options) {
  return fetch(at(`${DIRECT.has(event) ? "/event" : "/gradio_api/run"}/${event}`), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ data: [payload], session_hash: PAGE }),
    ...options,
  });
}

async function once(event, payload) {
  let response;
  try {
    response = await post(event, payload, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    return { state: "offline" };
  }
  if (response.status === 401) return { state: "signed_out" };
  if (!response.ok) return { state: "failed" };
  try {
    const answer = (await response.json()).data[0];
    return answer && typeof answer.state === "string" ? answer : { state: "failed" };
  } catch {
    return { state: "failed" };
  }
}

// A busy database is asked again; every event may be repeated safely (decisions carry a request id).
// `onBusy` is told when that happens, with the answer.
export async function call(event, payload, onBusy = () => {}) {
  let answer = await once(event, payload);
  for (let tries = 0; answer.state === "busy" && tries < BUSY_RETRIES; tries += 1) {
    onBusy(answer);
    await pause(BUSY_PAUSE_MS * (tries + 1));
    answer = await once(event, payload);
  }
  return answer;
}

// For what may be sent while the page goes away. Whether it arrived, for whoever is still there.
export function callAndLeave(event, payload) {
  return post(event, payload, { keepalive: true }).then((response) => response.ok, () => false);
}

export async function loadText(name) {
  const response = await fetch(at(`/desk/${name}`));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response.text();
}
