// Shows what the service recorded, by asking for it every few seconds while the page can be seen.

import { $, el, fill } from "./dom.js";

const EVERY = 3000;
const LENGTH = 12;

export class Journal {
  constructor(url) {
    this.url = url;
  }

  start() {
    this.refresh();
    if (this.url) setInterval(() => { if (!document.hidden) this.refresh(); }, EVERY);
  }

  async refresh() {
    const rows = this.url ? await this.#read() : null;
    const note = rows === null ? "The journal cannot be read from here."
      : rows.length === 0 ? "Nothing recorded yet." : "";
    if ($("journal-note").textContent !== note) $("journal-note").textContent = note;
    $("journal-note").hidden = note === "";
    fill($("journal"), (rows ?? []).slice(0, LENGTH).map(drawRow));
  }

  async #read() {
    try {
      const answer = await fetch(this.url);
      const rows = answer.ok ? await answer.json() : null;
      return Array.isArray(rows) ? rows : null;
    } catch (error) {
      if (error instanceof TypeError || error instanceof SyntaxError) return null; // no connection, or not JSON
      throw error;
    }
  }
}

function drawRow(row) {
  const after = [
    ...(row.feedback ?? []).map(feedbackOf),
    ...(row.app_uses ?? []).map(useOf),
    ...(row.write_backs ?? []).map(writeOf),
  ].map((words) => el("li", {}, words));
  return el("li", {},
    el("p", {}, el("strong", {}, row.decision), " ", el("span", {}, row.shown ? "card shown" : "no card")),
    el("small", {}, [timeOf(row.at), row.hook, row.modality, row.reason].filter(Boolean).join(" · ")),
    after.length ? el("ul", {}, after) : null);
}

function feedbackOf(entry) {
  const taken = Array.isArray(entry.accepted) && entry.accepted.length ? `${entry.accepted.length} suggestion(s)` : null;
  const detail = entry.reason_code ?? taken;
  return entry.outcome + (detail ? `: ${detail}` : "");
}

function useOf({ step, decision, told }) {
  const answers = Array.isArray(told) && told.length ? `, told: ${told.join(", ")}` : "";
  return `app ${step}${decision ? `: ${decision}` : ""}${answers}`;
}

/** Without an outcome the EHR has not answered, or its answer was lost. */
function writeOf({ act, resource_type: type, outcome, status }) {
  return `app wrote ${act} (${type}): ${outcome || "no answer yet"}${status ? `, ${status}` : ""}`;
}

function timeOf(at) {
  const time = new Date(at);
  return Number.isNaN(time.valueOf()) ? String(at ?? "") : time.toLocaleTimeString("en-GB");
}
