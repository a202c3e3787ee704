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
  const feedback = (row.feedback ?? []).map((entry) => {
    const taken = Array.isArray(entry.accepted) && entry.accepted.length ? `${entry.accepted.length} suggestion(s)` : null;
    const detail = entry.reason_code ?? taken;
    return el("li", {}, entry.outcome, detail ? `: ${detail}` : null);
  });
  return el("li", {},
    el("p", {}, el("strong", {}, row.decision), " ", el("span", {}, row.shown ? "card shown" : "no card")),
    el("small", {}, [timeOf(row.at), row.hook, row.modality, row.reason].filter(Boolean).join(" · ")),
    feedback.length ? el("ul", {}, feedback) : null);
}

function timeOf(at) {
  const time = new Date(at);
  return Number.isNaN(time.valueOf()) ? String(at ?? "") : time.toLocaleTimeString("en-GB");
}
