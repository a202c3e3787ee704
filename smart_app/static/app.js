// Improves pages that work without it: answers at once, copying, printing, and asking the EHR's order screen.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const status = document.getElementById("copied");
  button.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = "";
    field.focus();
    field.select();
    let copied = false;
    try {
      await navigator.clipboard.writeText(field.value);
      copied = true;
    } catch {
      // a frame of an EHR may not be allowed the clipboard; the older way needs no permission
      copied = document.execCommand("copy");
    }
    status.textContent = copied ? button.dataset.copied : button.dataset.selected;
  });
}

// One press is one press: the button stays focusable and says that it was pressed.
for (const button of document.querySelectorAll("[data-once]")) {
  button.form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    button.setAttribute("aria-disabled", "true");
  });
}
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-once]")) button.removeAttribute("aria-disabled");
});

// Answers: sent after each change, one at a time so that the last one stands; what is live on the page is replaced.
const questions = document.querySelector("[data-answers]");
if (questions) {
  const told = document.getElementById("answered");
  let waiting = 0;
  let sending = false;
  let again = false;

  const show = (page) => {
    const place = document.activeElement;
    const before = place.getBoundingClientRect().top;
    for (const old of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(old.id);
      if (old.open) fresh.open = true;
      old.replaceWith(document.adoptNode(fresh));
    }
    if (place.isConnected) window.scrollBy({ top: place.getBoundingClientRect().top - before, behavior: "instant" });
    const advice = document.getElementById("advice");
    told.className = `answered ${advice.classList[1]}`;
    told.textContent = advice.dataset.announce;
    document.documentElement.style.scrollPaddingBottom = `${told.offsetHeight + 16}px`; // or it covers what has the focus
    place.closest("label")?.scrollIntoView({ block: "nearest", behavior: "instant" });
  };

  const send = async () => {
    if (sending) {
      again = true;
      return;
    }
    sending = true;
    again = false;
    try {
      const answer = await fetch(questions.action, { method: "POST", body: new URLSearchParams(new FormData(questions)) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || !page.getElementById("advice")) throw new Error("no advice");
      if (!again) show(page);
    } catch {
      questions.submit(); // the whole page then says what is wrong
      return;
    }
    sending = false;
    if (again) send();
  };

  questions.querySelector("[data-answer]").hidden = true;
  questions.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(send, 250); // arrow keys pass over answers that are not meant
  });
}

// SMART Web Messaging 1.0: buttons that ask the order screen. Only its own origin and window are spoken to and believed.
const panel = document.getElementById("messages");
const ehr = window.parent !== window ? window.parent : window.opener;
if (panel && ehr) {
  const { origin, handle, asking, done, refused, silent } = panel.dataset;

  const ask = (messageType, payload) =>
    new Promise((resolve) => {
      const messageId = crypto.randomUUID();
      const finish = (answer) => {
        clearTimeout(timer);
        window.removeEventListener("message", hear);
        resolve(answer);
      };
      const hear = (event) => {
        if (event.origin !== origin || event.source !== ehr) return;
        if (!event.data || event.data.responseToMessageId !== messageId) return;
        finish(event.data.payload || {});
      };
      const timer = setTimeout(() => finish(null), 8000);
      window.addEventListener("message", hear);
      ehr.postMessage({ messagingHandle: handle, messageId, messageType, payload }, origin);
    });

  const isDone = (answer) => /^(2\d\d\b|success)/.test(String(answer.status || ""));

  // An update is the whole resource: what the screen has now, with the change made. Null where it cannot be had.
  const changed = async ({ location, set, unset }) => {
    const answer = await ask("scratchpad.read", { location });
    if (!answer) return null;
    const resource = [answer.resource, ...(answer.scratchpad || [])].find(
      (each) => each && `${each.resourceType}/${each.id}` === location,
    );
    if (!resource) return null;
    const copy = structuredClone(resource);
    for (const name of unset) {
      delete copy[name];
      delete copy[`_${name}`];
    }
    return Object.assign(copy, set);
  };

  const press = async (message) => {
    const payload = { ...message.payload };
    if (message.change) {
      payload.resource = await changed(message.change);
      if (!payload.resource) return refused;
    }
    const answer = await ask(message.type, payload);
    if (!answer) return silent;
    return isDone(answer) ? done : refused;
  };

  for (const message of JSON.parse(panel.dataset.messages)) {
    const box = document.createElement("div");
    const says = document.createElement("p");
    const button = document.createElement("button");
    const status = document.createElement("p");
    box.className = "message";
    says.id = `says-${message.kind}`;
    says.textContent = message.says;
    button.type = "button";
    button.textContent = message.label;
    button.setAttribute("aria-describedby", says.id);
    status.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-disabled") === "true") return;
      button.setAttribute("aria-disabled", "true");
      status.textContent = asking;
      status.textContent = await press(message);
      if (status.textContent !== done) button.removeAttribute("aria-disabled");
    });
    box.append(says, button, status);
    panel.append(box);
  }
  panel.hidden = false;
}
