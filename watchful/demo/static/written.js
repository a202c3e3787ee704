// "In the chart": what apps wrote into the EHR for the patient on the screen, read back through FHIR.

import { titleOf } from "./basket.js";
import { fetchResource } from "./client.js";
import { $, el, fill } from "./dom.js";

const TYPES = ["DocumentReference", "QuestionnaireResponse", "ServiceRequest", "Task", "CommunicationRequest"];
const TAG = "urn:watchful:demo|written";
const NAMES = {
  DocumentReference: "Document",
  QuestionnaireResponse: "Answers",
  ServiceRequest: "Order",
  Task: "Task",
  CommunicationRequest: "Message",
};

export class Written {
  #shown = "";

  constructor(fhirBase) {
    this.fhirBase = fhirBase;
    this.patientId = null;
  }

  show(patientId) {
    this.patientId = patientId;
    return this.refresh();
  }

  /** Draws again only what changed, so that an open entry stays open. */
  async refresh() {
    const patientId = this.patientId;
    if (!patientId) return;
    const found = await this.#read(patientId);
    if (patientId !== this.patientId) return;
    const state = patientId + JSON.stringify(found?.map((resource) => resource.id) ?? null);
    if (state === this.#shown) return;
    this.#shown = state;
    $("written-note").textContent = found === null ? "The chart cannot be read."
      : found.length ? "" : "No app has written anything yet.";
    $("written-note").hidden = $("written-note").textContent === "";
    fill($("written"), (found ?? []).map(drawEntry));
  }

  /** Newest first; null when the server cannot be read. */
  async #read(patientId) {
    try {
      const bundles = await Promise.all(
        TYPES.map((type) => fetchResource(`${this.fhirBase}/${type}?patient=${patientId}&_tag=${encodeURIComponent(TAG)}`)));
      if (bundles.some((bundle) => bundle?.resourceType !== "Bundle")) return null;
      return bundles.flatMap((bundle) => (bundle.entry ?? []).map((entry) => entry.resource))
        .sort((a, b) => b.meta.lastUpdated.localeCompare(a.meta.lastUpdated));
    } catch (error) {
      if (error instanceof TypeError) return null; // no connection
      throw error;
    }
  }
}

function drawEntry(resource) {
  const time = new Date(resource.meta.lastUpdated).toLocaleTimeString("en-GB");
  const document = resource.content?.[0]?.attachment;
  return el("li", { "data-written": resource.resourceType },
    el("p", {}, el("strong", {}, nameOf(resource))),
    el("small", {}, [NAMES[resource.resourceType], resource.status, time].filter(Boolean).join(" · ")),
    document?.data ? el("p", {}, downloadOf(document)) : null,
    el("details", {}, el("summary", {}, "What was written"),
      el("pre", { tabindex: "0", "aria-label": `${NAMES[resource.resourceType]} as FHIR` },
        JSON.stringify(resource, shortened, 2))));
}

function nameOf(resource) {
  if (resource.resourceType === "QuestionnaireResponse") return "Answers to the questions";
  return resource.description ?? titleOf(resource);
}

const FORMS = { "application/pdf": ["PDF", "pdf"], "application/xhtml+xml": ["XHTML", "html"], "text/plain": ["text", "txt"] };

function downloadOf({ contentType, data, title }) {
  const [form, extension] = FORMS[(contentType ?? "").split(";")[0]] ?? ["data", "bin"];
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  return el("a", { href: url, download: `document.${extension}` },
    `Download ${title ?? "document"} (${form}, ${Math.ceil(bytes.length / 1024)} kB)`);
}

const shortened = (name, value) => (name === "data" && typeof value === "string" && value.length > 60
  ? `${value.slice(0, 40)}… (${value.length} characters)` : value);
