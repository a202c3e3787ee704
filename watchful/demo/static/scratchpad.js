// The draft orders as SMART Web Messaging 1.0 shows them to an app: one function a message, basket in, payload out.

import { referenceOf } from "./basket.js";

/** Carries out one message: what to answer, and the sentence that tells what changed. Null for an unknown one. */
export function scratchpad(basket, patientId, type, payload) {
  return Object.hasOwn(OPERATIONS, type) ? OPERATIONS[type](basket, patientId, payload ?? {}) : null;
}

const OPERATIONS = {
  "scratchpad.read": (basket, _, { location }) => {
    if (location === undefined) return { payload: basket.orders.length ? { scratchpad: copyOf(basket.orders) } : {} };
    const found = find(basket, location);
    return { payload: found ? { resource: copyOf(found) } : { outcome: outcome("not-found", "No draft is there.") } };
  },
  "scratchpad.create": (basket, patientId, { resource }) => {
    const fault = faultOf(resource, patientId);
    if (fault) return { payload: fault };
    const id = crypto.randomUUID();
    const says = basket.apply([{ type: "create", resource: copyOf(resource), id }]).join(" ");
    return { payload: { status: "201 Created", location: `${resource.resourceType}/${id}` }, says };
  },
  "scratchpad.update": (basket, patientId, { resource }) => {
    const fault = faultOf(resource, patientId);
    if (fault) return { payload: fault };
    if (!find(basket, referenceOf(resource))) return { payload: refusal("404 Not Found", "not-found", "No draft is there.") };
    return { payload: { status: "200 OK" }, says: basket.apply([{ type: "update", resource: copyOf(resource) }]).join(" ") };
  },
  "scratchpad.delete": (basket, _, { location }) => {
    if (!find(basket, location)) return { payload: refusal("404 Not Found", "not-found", "No draft is there.") };
    return { payload: { status: "200 OK" }, says: basket.apply([{ type: "delete", resourceId: location }]).join(" ") };
  },
};

const find = (basket, location) => basket.orders.find((order) => referenceOf(order) === location);
const copyOf = (value) => structuredClone(value);

/** What is no draft of this patient never reaches the basket. */
function faultOf(resource, patientId) {
  if (typeof resource?.resourceType !== "string") return refusal("400 Bad Request", "invalid", "There is no resource.");
  const subject = resource.subject ?? resource.for;
  if (subject?.reference?.split("/").slice(-2).join("/") !== `Patient/${patientId}`) {
    return refusal("422 Unprocessable Entity", "business-rule", "The subject is not the patient of this chart.");
  }
  return null;
}

const refusal = (status, code, text) => ({ status, outcome: outcome(code, text) });

const outcome = (code, diagnostics) => ({
  resourceType: "OperationOutcome",
  issue: [{ severity: "error", code, diagnostics }],
});
