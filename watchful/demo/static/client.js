// The CDS client: discovery, prefetch, hooks and feedback, as CDS Hooks 2.0.1 describes them.

const JSON_TYPE = { "Content-Type": "application/json" };

export async function discover(serviceBase) {
  const answer = await fetch(`${serviceBase}/cds-services`);
  if (!answer.ok) throw new ServiceError(answer.status, await bodyOf(answer));
  return (await answer.json()).services;
}

/** Calls one service. Resolves to the request that was sent, the answer and the time it took. */
export async function callService(serviceBase, service, hook, context, fhirBase) {
  const request = {
    hook,
    hookInstance: crypto.randomUUID(),
    fhirServer: fhirBase,
    context,
    prefetch: await resolvePrefetch(service.prefetch ?? {}, context, fhirBase),
  };
  const started = performance.now();
  const answer = await fetch(`${serviceBase}/cds-services/${service.id}`, {
    method: "POST",
    headers: JSON_TYPE,
    body: JSON.stringify(request),
  });
  const milliseconds = Math.round(performance.now() - started);
  const body = await bodyOf(answer);
  return { request, status: answer.status, ok: answer.ok, body, milliseconds };
}

/** Feedback can only be given for a card that has a uuid (CDS Hooks 2.0.1 "Feedback"). */
export async function sendFeedback(serviceBase, serviceId, entry) {
  const feedback = [{ ...entry, outcomeTimestamp: new Date().toISOString() }];
  const answer = await fetch(`${serviceBase}/cds-services/${serviceId}/feedback`, {
    method: "POST",
    headers: JSON_TYPE,
    body: JSON.stringify({ feedback }),
  });
  if (!answer.ok) throw new ServiceError(answer.status, await bodyOf(answer));
}

export class ServiceError extends Error {
  constructor(status, body) {
    super(describeOutcome(body) || `HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** The sentences of an OperationOutcome, or an empty string when it is not one. */
export function describeOutcome(body) {
  if (body?.resourceType !== "OperationOutcome") return "";
  return body.issue.map((issue) => issue.diagnostics ?? issue.details?.text ?? issue.code).join(" ");
}

async function resolvePrefetch(templates, context, fhirBase) {
  const resolved = await Promise.all(
    Object.entries(templates).map(async ([key, template]) => {
      const query = fillTemplate(template, context);
      return query === null ? null : [key, await fetchResource(`${fhirBase}/${query}`)];
    }),
  );
  return Object.fromEntries(resolved.filter(Boolean));
}

const USER_TOKENS = {
  userPractitionerId: "Practitioner",
  userPractitionerRoleId: "PractitionerRole",
  userPatientId: "Patient",
  userRelatedPersonId: "RelatedPerson",
};

/** The template with its tokens replaced; null when one has no value, and then the key is left out. */
function fillTemplate(template, context) {
  let complete = true;
  const query = template.replace(/\{\{\s*([^}]+?)\s*\}\}/g, (_, token) => {
    const value = tokenValue(token, context);
    if (!value) complete = false;
    return value;
  });
  return complete ? query : null;
}

function tokenValue(token, context) {
  if (token in USER_TOKENS) {
    const [kind, id] = context.userId.split("/");
    return kind === USER_TOKENS[token] ? id : "";
  }
  const value = token.startsWith("context.") ? context[token.slice("context.".length)] : "";
  return typeof value === "string" ? value : "";
}

/** A resource; null when there is none; the server's OperationOutcome when it may not be read. */
export async function fetchResource(url) {
  const answer = await fetch(url, { headers: { Accept: "application/fhir+json" } });
  if (answer.status === 404 || answer.status === 410) return null;
  return await bodyOf(answer);
}

async function bodyOf(answer) {
  const text = await answer.text();
  if (!text) return {};
  try {
    return JSON.parse(text);
  } catch {
    return { resourceType: "OperationOutcome", issue: [{ severity: "error", code: "structure", diagnostics: text }] };
  }
}
