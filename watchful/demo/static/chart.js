// Reads a chart from the FHIR endpoint and draws what a clinician glances at: banner, problems, vitals.

import { fetchResource } from "./client.js";
import { el } from "./dom.js";

const VITALS = [
  ["8310-5", "Temperature"],
  ["85354-9", "Blood pressure"],
  ["8867-4", "Heart rate"],
  ["29463-7", "Weight"],
  ["8302-2", "Height"],
];
const UNITS = { Cel: "°C", "[degF]": "°F", "mm[Hg]": "mmHg", "/min": "per min" };

export async function readChart(fhirBase, patientId) {
  const all = (type) => fetchResource(`${fhirBase}/${type}?patient=${patientId}`);
  const [patient, conditions, observations, medications, encounters] = await Promise.all([
    fetchResource(`${fhirBase}/Patient/${patientId}`),
    all("Condition"),
    all("Observation"),
    all("MedicationRequest"),
    all("Encounter"),
  ]);
  return { patient, conditions, observations, medications, encounters };
}

export function drawBanner(chart, today) {
  const { patient } = chart;
  const name = patient.name[0];
  const language = patient.communication?.find((entry) => entry.preferred)?.language.text;
  const facts = [
    ["Age", `${ageOn(patient.birthDate, today)} years`],
    ["Sex", patient.gender],
    ["Born", patient.birthDate],
    ["Language", language ?? "not recorded"],
  ];
  return [
    el("h2", { id: "patient-name", tabindex: "-1" }, `${name.given.join(" ")} ${name.family}`),
    el("dl", {}, facts.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", { class: term === "Sex" ? "capitalized" : null }, value)))),
  ];
}

export function drawSummary(chart) {
  return [
    group("Problems", chart.conditions, (condition) => [text(condition.code), conditionNote(condition)]),
    drawVitals(chart.observations),
    group("Medicines", chart.medications, (order) => [
      text(order.medicationCodeableConcept),
      order.status === "active" ? order.dosageInstruction?.[0]?.text : order.status,
    ]),
    group("Visits", chart.encounters, (visit) => [
      visit.reasonCode?.map(text).join(", ") ?? "Visit",
      visit.status === "in-progress" ? "today, in progress" : visit.period.start.slice(0, 10),
    ]),
  ];
}

/** A titled list; says so plainly when the type cannot be read, which is not the same as having none. */
function group(title, bundle, describe) {
  const body = bundle?.resourceType === "OperationOutcome"
    ? el("p", { class: "unreadable" }, "Cannot be read")
    : el("ul", {}, resources(bundle).map((resource) => {
        const [main, note] = describe(resource);
        return el("li", {}, main, note ? el("small", {}, note) : null);
      }));
  return el("section", {}, el("h3", {}, title), body);
}

function drawVitals(bundle) {
  if (bundle?.resourceType === "OperationOutcome") return group("Vitals", bundle, () => []);
  const rows = VITALS.flatMap(([code, label]) => {
    const latest = resources(bundle)
      .filter((observation) => observation.code.coding.some((coding) => coding.code === code))
      .sort((a, b) => b.effectiveDateTime.localeCompare(a.effectiveDateTime))[0];
    if (!latest) return [];
    const value = latest.component
      ? latest.component.map((part) => part.valueQuantity.value).join("/") + " mmHg"
      : quantity(latest.valueQuantity);
    return [el("div", {}, el("dt", {}, label), el("dd", {}, value))];
  });
  return el("section", {}, el("h3", {}, "Vitals"), el("dl", { class: "vitals" }, rows));
}

function conditionNote(condition) {
  const words = [condition.verificationStatus, condition.clinicalStatus]
    .map((status) => status?.coding[0].code)
    .filter((code) => code && code !== "confirmed" && code !== "active");
  const since = condition.onsetDateTime;
  if (since) words.push(`since ${since.slice(0, 10)}`);
  return words.join(", ");
}

function ageOn(birthDate, today) {
  const [year, rest] = [Number(birthDate.slice(0, 4)), birthDate.slice(5)];
  return Number(today.slice(0, 4)) - year - (rest && today.slice(5) < rest ? 1 : 0);
}

const resources = (bundle) => (bundle?.entry ?? []).map((entry) => entry.resource);
const text = (concept) => concept?.text ?? concept?.coding?.[0]?.code ?? "No text";
const quantity = ({ value, code, unit }) => `${value} ${UNITS[code] ?? unit}`;
