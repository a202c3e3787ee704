// The panel beside the chart in which an app opens; on a narrow screen it covers the page.

import { $ } from "./dom.js";
import { LaunchError, prepareLaunch } from "./launch.js";

const COVERS = matchMedia("(max-width: 799px)");

export class AppPanel {
  #opener = null;
  #request = 0;

  constructor(fhirBase, messaging, { onClose }) {
    this.fhirBase = fhirBase;
    this.messaging = messaging;
    this.onClose = onClose;
    this.launched = null;
    $("app-close").addEventListener("click", () => this.close());
    $("app-width").addEventListener("click", () => this.#narrow($("app-width").getAttribute("aria-pressed") !== "true"));
    $("app-tab").addEventListener("click", () => this.openInTab(this.launched.link, this.launched.context));
    $("app").addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    COVERS.addEventListener("change", () => this.#cover());
  }

  get isOpen() {
    return !$("app").hidden;
  }

  /** A launch id works once, so each opening asks for a new one. */
  async open(link, context, opener) {
    const request = ++this.#request;
    this.#opener = opener;
    this.launched = { link, context };
    this.#empty();
    this.messaging.stop();
    $("app-title").textContent = link.label;
    $("app").hidden = false;
    document.body.classList.add("with-app");
    this.#cover();
    $("app-title").focus();
    $("app-status").textContent = "Opening…";
    const launch = await this.#launch(link, context, false);
    if (request !== this.#request || !launch) return; // closed or another one opened meanwhile
    const frame = this.#frame(link.label, launch.url);
    this.messaging.listenTo({ ...launch, window: frame.contentWindow, patientId: context.patientId, onDone: () => this.close() });
    frame.addEventListener("load", () => { $("app-status").textContent = ""; }, { once: true });
  }

  /** The tab is opened at once, for a browser lets only a click do so, and sent on when the launch is ready. */
  async openInTab(link, context) {
    const tab = open("", "_blank");
    if (!tab) {
      $("app-notice").textContent = "The browser did not allow a new tab.";
      return;
    }
    this.close();
    const request = ++this.#request;
    const launch = await this.#launch(link, context, true);
    if (!launch) return tab.close();
    tab.location.replace(launch.url);
    if (request !== this.#request) return;
    this.messaging.listenTo({ ...launch, window: tab, patientId: context.patientId, onDone: () => tab.close() });
  }

  close() {
    if (!this.isOpen) return;
    this.#request += 1;
    this.messaging.stop();
    this.#empty();
    $("app").hidden = true;
    document.body.classList.remove("with-app");
    this.#cover();
    (this.#opener?.isConnected ? this.#opener : $("cards-title")).focus();
    this.onClose();
  }

  /** The context of the launch has ended: another patient is on the screen. */
  end() {
    this.#request += 1;
    this.close();
    this.messaging.stop();
    $("app-notice").textContent = "";
  }

  async #launch(link, context, needBanner) {
    try {
      return await prepareLaunch(this.fhirBase, link, context, needBanner);
    } catch (error) {
      if (!(error instanceof LaunchError) && !(error instanceof TypeError)) throw error;
      const text = error instanceof LaunchError ? error.message : "The EHR's server cannot be reached.";
      $(this.isOpen ? "app-status" : "app-notice").textContent = `The app could not be opened. ${text}`;
      return null;
    }
  }

  #frame(title, url) {
    const frame = document.createElement("iframe");
    frame.title = title;
    frame.referrerPolicy = "no-referrer";
    frame.allow = "clipboard-write";
    frame.src = url;
    $("app-frame").replaceChildren(frame);
    return frame;
  }

  #empty() {
    $("app-frame").replaceChildren();
    $("app-status").textContent = "";
    $("app-notice").textContent = "";
  }

  /** What is covered cannot be reached by keyboard or screen reader either. */
  #cover() {
    for (const part of document.querySelectorAll("[data-behind-app]")) part.inert = this.isOpen && COVERS.matches;
  }

  #narrow(pressed) {
    $("app-width").setAttribute("aria-pressed", String(pressed));
    $("app").classList.toggle("narrow", pressed);
  }
}
