// On top of pages that work without it: parts of a page are replaced instead of the whole, filters apply as
// they change, a form is sent once, lists are walked with keys. No other script runs here.
const policy = globalThis.trustedTypes?.createPolicy("ui", { createHTML: (html) => html }) ?? { createHTML: (html) => html };
const root = document.documentElement;
const find = (id) => document.getElementById(id);
root.classList.add("scripted");

function announce(words) {
  const live = find("live");
  if (!live || !words) return;
  live.textContent = "";
  setTimeout(() => { live.textContent = words; }, 60);
}

// ---- replacing a part of the page -------------------------------------------------------------------

let running; // one replacement at a time

/** Fetch `address` and replace the element `id` by the one of that name in the answer. */
async function swap(address, id, options = {}, remember = true) {
  const target = find(id);
  if (!target) return location.assign(address);
  running?.abort();
  const control = (running = new AbortController());
  const patience = setTimeout(() => document.body.append(Object.assign(document.createElement("div"), { className: "swapbar" })), 250);
  target.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, {
      ...options, signal: control.signal, credentials: "same-origin",
      headers: { "X-Fragment": id, Accept: "text/html" },
    });
    const html = (answer.headers.get("content-type") ?? "").startsWith("text/html");
    if (!html || answer.status === 401 || answer.status >= 500) {
      if (options.method) throw new TypeError(`status ${answer.status}`);
      return location.assign(address);
    }
    const parsed = new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html");
    const fresh = parsed.getElementById(id);
    if (!fresh) return location.assign(answer.url);
    const focused = document.activeElement?.id;
    const caret = document.activeElement?.selectionStart;
    target.replaceWith(document.adoptNode(fresh));
    if (parsed.title) document.title = parsed.title;
    if (remember && answer.url !== location.href) history.pushState({ swap: id }, "", answer.url);
    const next = fresh.querySelector("[autofocus]") ?? (focused ? find(focused) : null);
    next?.focus({ preventScroll: !next.matches("[autofocus]") });
    if (next && focused === next.id && caret != null && next.setSelectionRange && next.type !== "number") {
      try { next.setSelectionRange(caret, caret); } catch { /* this kind of field has no caret */ }
    }
    announce(fresh.dataset.announce);
    prepare(fresh);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!options.method) return location.assign(address);
    const words = find("t-offline")?.content.cloneNode(true);
    if (words) find(id)?.prepend(words);
  } finally {
    clearTimeout(patience);
    if (running === control) document.querySelector(".swapbar")?.remove();
    find(id)?.removeAttribute("aria-busy");
  }
}

addEventListener("popstate", (event) => {
  if (event.state?.swap) swap(location.href, event.state.swap, {}, false);
  else if (document.querySelector("[data-swap]")) location.reload();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  swap(link.href, link.dataset.swap);
});

// ---- forms ------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.busy) return event.preventDefault(); // sent already
  if (form.dataset.swap === undefined) {
    if (form.method === "post") {
      form.dataset.busy = "1";
      setTimeout(() => delete form.dataset.busy, 8000); // a download, or the way back, leaves the page in place
    }
    return;
  }
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  const address = new URL(event.submitter?.formAction || form.action);
  if (form.method === "get") {
    address.search = new URLSearchParams([...data].filter(([, value]) => value !== ""));
    swap(address.href, form.dataset.swap);
    return;
  }
  form.dataset.busy = "1";
  swap(address.href, form.dataset.swap, { method: "POST", body: data }).finally(() => delete form.dataset.busy);
});

addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach((form) => delete form.dataset.busy));

let waiting;
document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.matches("[data-quick]")) return narrow(field);
  if (field.matches("[data-most]")) count(field);
  const form = field.form;
  if (form?.method === "post") form.dataset.dirty = "1";
  if (!form?.matches("[data-auto][data-swap]")) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => form.requestSubmit(), field.type === "search" ? 300 : 0);
});

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form.form[data-dirty]:not([data-busy])")) event.preventDefault();
});

/** Say how many characters are left, once it matters. */
function count(field) {
  let line = field.nextElementSibling;
  if (!line?.matches(".left")) {
    line = Object.assign(document.createElement("p"), { className: "left" });
    field.after(line);
  }
  const left = Number(field.dataset.most) - field.value.length;
  line.textContent = left < 200 ? `${field.dataset.left}: ${left}` : "";
}

// ---- lists and tables -------------------------------------------------------------------------------

const folded = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Hide the rows of a table that do not hold what was typed; accents do not matter. */
function narrow(field) {
  const wanted = folded(field.value.trim());
  let shown = 0;
  for (const row of find(field.dataset.quick)?.tBodies[0]?.rows ?? []) {
    row.hidden = wanted !== "" && !folded(row.textContent).includes(wanted);
    shown += row.hidden ? 0 : 1;
  }
  announce(String(shown));
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-keys]")) return localStorage.setItem("keys", box.checked ? "on" : "off");
  if (box.matches("[data-all]")) {
    box.closest("form,section").querySelectorAll("[data-row]:not(:disabled)").forEach((row) => { row.checked = box.checked; });
  }
  const group = box.closest("[data-select]");
  if (group) tally(group);
});

function tally(group) {
  const chosen = group.querySelectorAll("[data-row]:checked").length;
  group.querySelectorAll("[data-count]").forEach((place) => { place.textContent = chosen; });
  group.querySelectorAll("[data-needs-row]").forEach((button) => { button.disabled = chosen === 0; });
}

// ---- keys, which can be switched off (WCAG 2.1.4) ------------------------------------------------------

const keysOn = () => localStorage.getItem("keys") !== "off";
let before = "";

function search(event) {
  if (!find("q")) return;
  event.preventDefault();
  find("q").focus();
  find("q").select();
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || !keysOn()) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() === "k" && !event.shiftKey) search(event);
    return;
  }
  if (event.target.matches?.("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]")) return;
  const pair = before + event.key;
  before = event.key === "g" ? "g" : "";
  if (event.key === "/") search(event);
  else if (event.key === "?") find("keys")?.togglePopover?.();
  else if (pair === "gh") document.querySelector(".brand")?.click();
  else if (event.key === "j" || event.key === "k") {
    const lines = [...document.querySelectorAll("[data-list] a.t,table.rows tbody th a")].filter((line) => line.checkVisibility());
    const here = lines.indexOf(document.activeElement);
    lines[Math.max(0, Math.min(lines.length - 1, here + (event.key === "j" ? 1 : -1)))]?.focus();
  }
});

// ---- at the start, and for each replaced part ----------------------------------------------------------

function prepare(part) {
  part.querySelectorAll(".quick[hidden]").forEach((box) => { box.hidden = false; });
  part.querySelectorAll("[data-select]").forEach(tally);
  part.querySelectorAll("[data-keys]").forEach((box) => { box.checked = keysOn(); });
  for (const place of part.querySelectorAll("[data-refresh]")) {
    // Progress pages look again by themselves; never in a hidden tab or where data is saved.
    setTimeout(() => {
      if (!place.isConnected) return;
      if (document.hidden || navigator.connection?.saveData) return prepare(place.parentElement);
      swap(location.href, place.id, {}, false);
    }, 1000 * Math.max(2, Number(place.dataset.refresh)));
  }
}

prepare(document);
document.querySelector("[autofocus]")?.focus();

// A panel that would leave the window opens to the other side.
const turn = (ask) => {
  const panel = ask.matches?.("details.ask[open]") && ask.querySelector(".panel");
  if (panel && panel.getBoundingClientRect().right > root.clientWidth - 8) panel.classList.add("flip");
};
document.querySelectorAll("details.ask[open]").forEach(turn);
document.addEventListener("toggle", (event) => turn(event.target), true);

// A panel closes when the reader goes elsewhere, or presses Escape.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.ask[open]").forEach((panel) => { if (!panel.contains(event.target)) panel.open = false; });
});
document.addEventListener("keyup", (event) => {
  const panel = event.key === "Escape" && document.activeElement?.closest("details.ask[open]");
  if (panel) { panel.open = false; panel.querySelector("summary").focus(); }
});
