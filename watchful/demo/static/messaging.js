// The EHR's side of SMART Web Messaging 1.0: listens to the one app that is open, and answers each message once.

import { scratchpad } from "./scratchpad.js";

export class MessagingHost {
  #app = null;

  /** `granted(handle)` resolves to the message groups of a handle; `onChange(sentence)` after a draft changed. */
  constructor(basket, granted, onChange) {
    this.basket = basket;
    this.granted = granted;
    this.onChange = onChange;
    addEventListener("message", (event) => this.#receive(event));
  }

  /**
   * From now on `app.window` may speak, from `app.origin` only and with `app.handle` only, about `app.patientId`.
   * `app.onDone` is called when it says that it is finished.
   */
  listenTo(app) {
    this.#app = app;
  }

  stop() {
    this.#app = null;
  }

  async #receive(event) {
    const app = this.#app;
    const message = event.data;
    if (!app || event.origin !== app.origin || event.source !== app.window) return;
    if (!app.handle || message?.messagingHandle !== app.handle || typeof message.messageId !== "string") return;
    const groups = await this.granted(app.handle);
    if (!groups || app !== this.#app) return;
    const { payload, says, done } = this.#carryOut(message, app, groups);
    const answer = { messageId: crypto.randomUUID(), responseToMessageId: message.messageId, payload };
    event.source.postMessage(answer, app.origin);
    if (says) this.onChange(says);
    if (done) app.onDone();
  }

  #carryOut({ messageType, payload }, app, groups) {
    if (messageType === "status.handshake") return { payload: {} };
    const group = String(messageType).split(".")[0];
    if (["ui", "scratchpad"].includes(group) && !groups.includes(group)) {
      const issue = [{ severity: "error", code: "forbidden", diagnostics: `messaging/${group} was not granted.` }];
      const outcome = { resourceType: "OperationOutcome", issue };
      return { payload: group === "ui" ? { status: "failure" } : { status: "403 Forbidden", outcome } };
    }
    if (messageType === "ui.done") return { payload: { status: "success" }, done: true };
    if (messageType === "ui.launchActivity") {
      return { payload: { status: "failure", statusDetail: { text: "The demo EHR has no other activities." } } };
    }
    const known = scratchpad(this.basket, app.patientId, messageType, payload);
    const issue = [{ severity: "error", code: "not-supported", diagnostics: "This message is not known here." }];
    return known ?? { payload: { outcome: { resourceType: "OperationOutcome", issue } } };
  }
}
