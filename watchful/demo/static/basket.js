// The draft orders of the session: what the person drafts and what an accepted suggestion changes.

import { el } from "./dom.js";

export class Basket {
  constructor() {
    this.orders = [];
    this.marks = new Map();
  }

  clear() {
    this.orders = [];
    this.marks.clear();
  }

  add(orders) {
    for (const order of orders) this.#put(order, null);
  }

  remove(reference) {
    this.orders = this.orders.filter((order) => referenceOf(order) !== reference);
  }

  /** The Bundle that goes into `context.draftOrders`. */
  bundle() {
    return { resourceType: "Bundle", type: "collection", entry: this.orders.map((resource) => ({ resource })) };
  }

  /**
   * Applies all actions of one suggestion together: deletes, then creates, then updates (CDS Hooks 2.0.1
   * "Action"). Returns a sentence for each.
   */
  apply(actions) {
    const done = [];
    this.marks.clear();
    for (const type of ["delete", "create", "update"]) {
      for (const action of actions.filter((each) => each.type === type)) done.push(this.#applyOne(action));
    }
    return done;
  }

  #applyOne(action) {
    if (action.type === "delete") {
      const reference = action.resourceId ?? referenceOf(action.resource ?? {});
      const removed = this.orders.find((order) => referenceOf(order) === reference);
      this.remove(reference);
      return removed ? `Removed: ${titleOf(removed)}.` : `Nothing to remove: ${action.description}.`;
    }
    const created = action.type === "create";
    const resource = created ? { ...action.resource, id: action.id ?? crypto.randomUUID() } : action.resource;
    this.#put(resource, created ? "Added" : "Changed");
    return `${created ? "Added" : "Changed"}: ${titleOf(resource)}.`;
  }

  #put(order, mark) {
    const reference = referenceOf(order);
    const at = this.orders.findIndex((each) => referenceOf(each) === reference);
    if (at >= 0) this.orders[at] = order;
    else this.orders.push(order);
    if (mark) this.marks.set(reference, mark);
  }

  /** One list item for each order; `onRemove` gets its reference. */
  draw(onRemove) {
    return this.orders.map((order) => {
      const reference = referenceOf(order);
      const mark = this.marks.get(reference);
      return el("li", { "data-reference": reference },
        el("div", {},
          el("strong", {}, titleOf(order)),
          mark ? el("span", { class: "mark" }, mark) : null,
          el("small", {}, detailsOf(order))),
        el("button", { type: "button", class: "quiet-button", "aria-label": `Remove ${titleOf(order)}`,
          onclick: () => onRemove(reference) }, "Remove"));
    });
  }
}

export const referenceOf = (resource) => `${resource.resourceType}/${resource.id}`;

/** What a person would call an order of any type. */
export function titleOf(order) {
  const concept = order.code ?? order.medicationCodeableConcept ?? order.serviceType?.[0] ?? order.category?.[0];
  return concept?.text ?? concept?.coding?.[0]?.display ?? order.description ?? order.payload?.[0]?.contentString
    ?? words(order.resourceType);
}

function detailsOf(order) {
  const when = order.occurrenceDateTime ?? order.occurrencePeriod?.start ?? order.start ?? order.requestedPeriod?.[0]?.start;
  const reason = order.reasonCode?.map((concept) => concept.text ?? concept.coding?.[0]?.code).join(", ");
  return [
    order.resourceType === "ServiceRequest" ? null : words(order.resourceType),
    order.priority && order.priority !== "routine" ? order.priority.toUpperCase() : order.priority,
    when ? `for ${when.slice(0, 10)}` : null,
    reason ? `reason: ${reason}` : null,
  ].filter(Boolean).join(" · ");
}

const words = (type) => type.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().replace(/^./, (c) => c.toUpperCase());
