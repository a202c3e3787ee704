// Draws cards as an EHR would, and reports what the person does with them.

import { el } from "./dom.js";
import { markdown } from "./markdown.js";

const INDICATORS = { info: "Information", warning: "Warning", critical: "Critical" };
const WEIGHT = ["critical", "warning", "info"];
const BEHAVIOURS = ["any", "at-most-one"];

/** Critical first; takes and gives objects that hold a card. */
export function byWeight(held) {
  return [...held].sort((a, b) => WEIGHT.indexOf(a.card.indicator) - WEIGHT.indexOf(b.card.indicator));
}

/**
 * One card. `onAccept(suggestion)` and `onDismiss(reason or null)` are called when the person decides,
 * `onLaunch(link, button, inTab)` when an app is to be opened.
 */
export function drawCard(card, { onAccept, onDismiss, onLaunch }) {
  const indicator = card.indicator in INDICATORS ? card.indicator : "info";
  const article = el("article", { class: `card ${indicator}` });
  const detail = card.detail ? el("div", { class: "detail" }) : null;
  if (detail) detail.innerHTML = markdown(card.detail); // escaped by markdown()
  article.append(
    el("p", { class: "indicator" }, INDICATORS[indicator]),
    el("h3", {}, card.summary),
    ...(detail ? [detail] : []),
    ...suggestionsOf(card, onAccept),
    ...linksOf(card, onLaunch),
    ...dismissOf(card, onDismiss),
    sourceOf(card.source),
  );
  return el("div", { role: indicator === "critical" ? "alert" : null }, article);
}

function suggestionsOf(card, onAccept) {
  if (!card.suggestions?.length) return [];
  if (!BEHAVIOURS.includes(card.selectionBehavior)) {
    return [el("p", { class: "fault" }, "The suggestions of this card cannot be shown: unknown selection behavior.")];
  }
  const buttons = card.suggestions.map((suggestion) => {
    const button = el("button", { type: "button", class: suggestion.isRecommended ? "suggestion recommended" : "suggestion" },
      el("span", {}, suggestion.label),
      suggestion.isRecommended ? el("small", {}, "Recommended") : null);
    button.addEventListener("click", () => {
      const spent = card.selectionBehavior === "at-most-one" ? buttons : [button];
      for (const each of spent) each.setAttribute("aria-disabled", "true");
      button.classList.add("accepted");
      button.querySelector("small")?.remove();
      button.append(el("small", {}, "Accepted"));
      onAccept(suggestion);
    });
    // aria-disabled keeps the focus where it is; a disabled button would drop it.
    button.addEventListener("click", (event) => {
      if (button.getAttribute("aria-disabled") === "true") event.stopImmediatePropagation();
    }, { capture: true });
    return button;
  });
  return [el("div", { class: "suggestions", role: "group", "aria-label": "Suggestions" }, buttons)];
}

function linksOf(card, onLaunch) {
  if (!card.links?.length) return [];
  const items = card.links.map((link) => {
    if (!isWeb(link.url)) return el("li", {}, el("span", { class: "fault" }, `${link.label}: not a web address.`));
    if (link.type === "smart") return el("li", { class: "app-link" }, launchersOf(link, onLaunch));
    return el("li", {}, el("a", { href: link.url, target: "_blank", rel: "noopener noreferrer" }, link.label));
  });
  return [el("ul", { class: "links", "aria-label": "Links" }, items)];
}

function launchersOf(link, onLaunch) {
  const here = el("button", { type: "button", class: "suggestion", onclick: () => onLaunch(link, here, false) }, link.label);
  const away = el("button", { type: "button", class: "quiet-button", "aria-label": `${link.label} in a new tab`,
    onclick: () => onLaunch(link, away, true) }, "In a new tab");
  return [here, away];
}

function dismissOf(card, onDismiss) {
  const reasons = card.overrideReasons ?? [];
  const menu = el("div", { class: "reasons", role: "group", "aria-label": "Reason for dismissing", hidden: true },
    reasons.map((reason) => el("button", { type: "button", onclick: () => onDismiss(reason) }, reason.display ?? reason.code)),
    el("button", { type: "button", onclick: () => onDismiss(null) }, "Without a reason"));
  const toggle = el("button", { type: "button", class: "quiet-button dismiss", "aria-expanded": "false" }, "Dismiss…");
  const show = (open) => {
    menu.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  };
  toggle.addEventListener("click", () => {
    show(menu.hidden);
    if (!menu.hidden) menu.querySelector("button").focus();
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show(false);
    toggle.focus();
  });
  return [el("div", { class: "dismissal" }, toggle, menu)];
}

function sourceOf(source) {
  const label = isWeb(source?.url)
    ? el("a", { href: source.url, target: "_blank", rel: "noopener noreferrer" }, source.label)
    : el("span", {}, source?.label ?? "unknown");
  return el("p", { class: "source" }, "Source: ", label);
}

/** A failed call, drawn plainly: never as an empty list of cards. */
export function drawFailure(title, text) {
  return el("div", { class: "card failure", role: "alert" },
    el("p", { class: "indicator" }, "Not available"),
    el("h3", {}, title),
    el("p", {}, text));
}

const isWeb = (url) => /^https?:\/\//.test(url ?? "");
