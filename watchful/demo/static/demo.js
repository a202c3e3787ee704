// The demo EHR: wires patients, orders, the service's cards and the journal together.

import { Basket, referenceOf, titleOf } from "./basket.js";
import { byWeight, drawCard, drawFailure } from "./cards.js";
import { drawBanner, drawSummary, readChart } from "./chart.js";
import { callService, describeOutcome, discover, sendFeedback, ServiceError } from "./client.js";
import { $, el, fill } from "./dom.js";
import { Journal } from "./journal.js";
import { messagingGroups } from "./launch.js";
import { MessagingHost } from "./messaging.js";
import { AppPanel } from "./panel.js";
import { Written } from "./written.js";

const config = await (await fetch("config.json")).json();
const fhirBase = new URL(config.fhir, location.href).href;
const journal = new Journal(config.journal);
const basket = new Basket();
const written = new Written(fhirBase);
const messaging = new MessagingHost(basket, (handle) => messagingGroups(fhirBase, handle), (sentence) => {
  basketChanged(`By the app: ${sentence}`);
  $("basket").scrollIntoView({ block: "nearest" });
});
const panel = new AppPanel(fhirBase, messaging, { onClose: () => written.refresh() });
const session = { fixture: null, context: null, services: null, calls: 0, signing: false };

// ---- patients

function drawPatients() {
  fill($("patients"), config.fixtures.map((fixture) => el("li", {},
    el("button", { type: "button", "data-fixture": fixture.name, onclick: () => choose(fixture, true) },
      el("span", {}, fixture.title),
      el("small", {}, fixture.patient)))));
}

async function choose(fixture, byHand) {
  session.fixture = fixture;
  session.calls += 1;
  location.replace(`#${fixture.name}`);
  for (const button of document.querySelectorAll("[data-fixture]")) {
    if (button.dataset.fixture === fixture.name) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  const context = await (await fetch(`context/${fixture.name}.json`)).json();
  const chart = await readChart(fhirBase, context.patientId);
  if (session.fixture !== fixture) return; // another patient was picked meanwhile
  panel.end();
  written.show(context.patientId);
  session.context = context;
  $("empty").hidden = true;
  $("record").hidden = false;
  fill($("banner"), drawBanner(chart, config.today));
  $("story").textContent = fixture.story;
  fill($("summary"), drawSummary(chart));
  drawMenu(fixture);
  basket.clear();
  basketChanged("");
  clearCards("No service called yet.");
  if (byHand) $("patient-name").focus();
}

// ---- orders

function drawMenu(fixture) {
  fill($("study"),
    el("optgroup", { label: "This patient's order" }, el("option", { value: "" }, fixture.orders.join(" and "))),
    el("optgroup", { label: "Other studies" },
      config.studies.map((study) => el("option", { value: study.id }, study.text))));
  $("priority").value = ownOrders()[0].priority ?? "routine";
}

const ownOrders = () => session.context.draftOrders.entry.map((entry) => entry.resource);

function draftedOrders() {
  const study = config.studies.find((each) => each.id === $("study").value);
  const own = ownOrders();
  const orders = study
    ? [{ ...own[0], id: `${own[0].id}-${study.id}`, code: { coding: study.coding, text: study.text } }]
    : own;
  return orders.map((order) => ({ ...order, priority: $("priority").value }));
}

function basketChanged(status) {
  session.signing = false;
  fill($("basket"), basket.draw((reference) => {
    basket.remove(reference);
    basketChanged("Order removed.");
    $("basket-title").focus();
    if (basket.orders.length) fire("order-select", basket.orders);
    else clearCards("Nothing is drafted.");
  }));
  $("basket-empty").hidden = basket.orders.length > 0;
  $("sign").disabled = basket.orders.length === 0;
  $("sign").textContent = "Sign orders";
  $("basket-status").textContent = status;
}

$("order-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const orders = draftedOrders();
  basket.marks.clear();
  basket.add(orders);
  basketChanged("");
  fire("order-select", orders);
});

$("sign").addEventListener("click", async () => {
  if (session.signing) return signed();
  const cards = await fire("order-sign", []);
  if (cards === 0) return signed();
  session.signing = true;
  $("sign").textContent = "Sign anyway";
  $("basket-status").textContent = cards > 0
    ? "There is something to consider first. You can still sign."
    : "The check did not work. You can still sign.";
});

function signed() {
  const titles = basket.orders.map(titleOf).join(", ");
  basket.clear();
  basketChanged(`Signed: ${titles}.`);
  $("basket-status").setAttribute("tabindex", "-1");
  $("basket-status").focus();
}

// ---- the service

/** Fires a hook at every service that listens to it. Resolves to the number of cards, or -1 on a failure. */
async function fire(hook, selected) {
  const call = ++session.calls;
  clearCards(`Calling ${hook}…`);
  const context = { ...session.context, draftOrders: basket.bundle(), selections: selected.map(referenceOf) };
  if (hook === "order-sign") delete context.selections;
  try {
    session.services ??= await discover(config.service);
    const services = session.services.filter((service) => service.hook === hook);
    const answers = [];
    for (const service of services) {
      answers.push([service, await callService(config.service, service, hook, context, fhirBase)]);
    }
    return call === session.calls ? showAnswers(hook, answers) : -1; // an older answer must not replace a newer one
  } catch (error) {
    if (error instanceof ServiceError) return showFailure(`The service answered ${error.status}`, error.message);
    if (error instanceof TypeError) return showFailure("The service cannot be reached", config.service);
    throw error;
  } finally {
    journal.refresh();
  }
}

function showAnswers(hook, answers) {
  for (const [, answer] of answers) showTrace(answer);
  const failed = answers.find(([, answer]) => !answer.ok)?.[1];
  if (failed) {
    return showFailure(`The service answered ${failed.status}`, describeOutcome(failed.body) || "It did not say why.");
  }
  const cards = answers.flatMap(([service, answer]) => (answer.body.cards ?? []).map((card) => ({ service, card })));
  const longest = Math.max(0, ...answers.map(([, answer]) => answer.milliseconds));
  const nothing = cards.length === 0 ? ". No card: nothing to say about this order." : "";
  $("call").textContent = `${hook} answered in ${longest} ms${nothing}`;
  fill($("cards"), byWeight(cards).map(({ service, card }) => cardFor(service, card)));
  return cards.length;
}

function cardFor(service, card) {
  const report = async (entry) => {
    if (!card.uuid) return;
    try {
      await sendFeedback(config.service, service.id, { card: card.uuid, ...entry });
    } catch (error) {
      if (!(error instanceof ServiceError) && !(error instanceof TypeError)) throw error;
      $("call").textContent = `Feedback could not be sent: ${error.message}`;
    }
    journal.refresh();
  };
  const drawn = drawCard(card, {
    onAccept: (suggestion) => {
      basketChanged(basket.apply(suggestion.actions ?? []).join(" "));
      if (suggestion.uuid) report({ outcome: "accepted", acceptedSuggestions: [{ id: suggestion.uuid }] });
    },
    onDismiss: (reason) => {
      drawn.replaceWith(el("p", { class: "quiet" }, `Card dismissed${reason ? `: ${reason.display ?? reason.code}` : ""}.`));
      $("cards-title").focus();
      report({ outcome: "overridden", ...(reason ? { overrideReason: { reason } } : {}) });
    },
    onLaunch: (link, button, inTab) => (inTab
      ? panel.openInTab(link, session.context) : panel.open(link, session.context, button)),
  });
  return drawn;
}

function showFailure(title, text) {
  $("call").textContent = "";
  fill($("cards"), drawFailure(title, text));
  return -1;
}

function showTrace({ request, body }) {
  $("trace").hidden = false;
  $("trace-request").textContent = JSON.stringify(request, null, 2);
  $("trace-answer").textContent = JSON.stringify(body, null, 2);
}

function clearCards(text) {
  $("call").textContent = text;
  $("trace").hidden = true;
  fill($("cards"));
}

drawPatients();
journal.start();
setInterval(() => { if (!document.hidden) written.refresh(); }, 3000);
const linked = config.fixtures.find((fixture) => `#${fixture.name}` === location.hash);
if (linked) await choose(linked, false);
