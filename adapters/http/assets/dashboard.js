// Keeps the dashboard up to date, and disconnects accounts. The page is complete without it.
//
// It listens to the events of the session. When one says that something has changed, it fetches the
// page again and replaces the sections that differ.
"use strict";
{
  // Milliseconds between two fetches of the page, however many events there are.
  const INTERVAL = 1000;
  // Until the page is fetched again after a failure, and until a stream that broke is opened again.
  const RETRY = 15000;
  const REOPEN = 5000;
  const TIMEOUT = 30000;
  // How long the server restores what was disconnected.
  const UNDO = 60000;
  const EVENTS = ["session", "account", "listing", "tenant", "token", "end"];

  const content = document.getElementById("content");
  const status = document.getElementById("status");
  const notices = document.getElementById("notices");
  const sleep = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

  // Whether another page is about to replace this one.
  let isLeaving = false;
  // The id of the section that gets the focus once it is shown.
  let awaited;
  // The number of accounts that were disconnected or restored here. A page fetched before shows them as
  // they were.
  let changes = 0;

  // Shows the buttons that need this script.
  document.documentElement.classList.add("scripted");

  function leave(url) {
    if (isLeaving) return;
    isLeaving = true;
    if (url) location.replace(url); else location.reload();
  }

  // Signing out here leads to the sign-in page anyway; leaving would cancel the request.
  document.querySelector("form[action='/api/logout']")
    .addEventListener("submit", () => { isLeaving = true; });
  // What is restored from the back/forward cache is reloaded.
  addEventListener("pagehide", () => { isLeaving = true; });

  // The page

  let isDue = false;
  let fetchedAt = performance.now();
  let fetched = Promise.resolve();

  // Fetches the page soon: one fetch for all calls until then.
  async function update() {
    if (isDue) return;
    isDue = true;
    await fetched;
    await sleep(fetchedAt + INTERVAL - performance.now());
    isDue = false;
    fetchedAt = performance.now();
    fetched = fetchPage();
  }

  async function fetchPage() {
    const former = changes;
    let response, text;
    try {
      response = await fetch(location.href, {
        // Nobody need be at the page, so this must not keep the session alive.
        headers: { "accept": "text/html", "portico-background": "1" },
        cache: "no-store",
        signal: AbortSignal.timeout(TIMEOUT),
      });
      text = await response.text();
    } catch {
      return void setTimeout(update, RETRY);
    }
    // To the sign-in page: there is no session.
    if (response.redirected) return leave("/?ended=signed_out");
    // The page of the failure says why the session has ended.
    if (response.status === 401) return leave();
    // The account whose subscriptions are shown is no longer connected.
    if (response.status === 404) return leave("/dashboard");
    if (!response.ok) return void setTimeout(update, RETRY);
    const page = new DOMParser().parseFromString(text, "text/html");
    const isSame = (css) => document.querySelector(css).isEqualNode(page.querySelector(css));
    // Another person has signed in.
    if (!isSame(".bar")) return leave();
    if (!isLeaving && changes === former) show(page.getElementById("content"));
  }

  // Replaces the sections that differ. The others keep focus, selection and scroll position.
  function show(fresh) {
    const former = new Map(Array.from(content.children, (section) => [section.id, section]));
    const sections = Array.from(fresh.children);
    const kept = new Set(sections.map((section) => section.id));
    const gone = Array.from(former.values()).filter((section) => !kept.has(section.id));
    for (const section of gone) section.remove();
    const changed = [];
    let next = null;
    for (let section of sections.reverse()) {
      const current = former.get(section.id);
      if (current?.isEqualNode(section)) {
        section = current;
      } else {
        changed.unshift(section);
        if (current) replace(current, section);
      }
      if (section.parentNode !== content || section.nextElementSibling !== next) {
        content.insertBefore(section, next);
      }
      next = section;
    }
    tell(changed, gone);
    if (awaited && document.getElementById(awaited)) {
      document.getElementById(awaited).focus();
      awaited = undefined;
    }
  }

  function replace(current, section) {
    const focused = current.contains(document.activeElement) ? document.activeElement : null;
    const scrolled = current.querySelector(".scroll")?.scrollLeft ?? 0;
    current.replaceWith(section);
    if (scrolled) section.querySelector(".scroll")?.scrollTo({ left: scrolled });
    if (focused) {
      const same = Array.from(section.querySelectorAll("a, button"))
        .find((element) => element.isEqualNode(focused));
      (same ?? section).focus({ preventScroll: true });
    }
  }

  // Tells screen readers which accounts have changed.
  function tell(changed, gone) {
    const names = (sections) => sections
      .filter((section) => section.matches(".card")).map(nameOf).join(", ");
    const [updated, removed] = [names(changed), names(gone)];
    const texts = [updated && `Updated: ${updated}.`, removed && `No longer connected: ${removed}.`];
    const text = texts.filter(Boolean).join(" ");
    if (text) status.textContent = text;
  }

  const nameOf = (section) => section.querySelector("h2").textContent;

  // Events

  const channel = new BroadcastChannel("portico-events");
  channel.onmessage = ({ data }) => hear(data);

  function hear({ name, reason }) {
    if (name !== "end") return void update();
    // After these two, the dashboard leads to the sign-in page; after others it says what has happened.
    const isKnown = reason === "signed_out" || reason === "expired";
    leave(isKnown ? `/?ended=${reason}` : undefined);
  }

  // Listens until the browser gives up; returns whether the stream has been open.
  function listen() {
    return new Promise((done) => {
      const source = new EventSource("/api/events");
      let wasOpen = false;
      source.onopen = () => { wasOpen = true; };
      // The browser connects again by itself unless the answer was an error, such as too many streams.
      source.onerror = () => { if (source.readyState === EventSource.CLOSED) done(wasOpen); };
      const onEvent = ({ type, data }) => {
        if (type === "end") source.close();
        const event = { name: type, reason: JSON.parse(data).reason };
        channel.postMessage(event);
        hear(event);
      };
      for (const name of EVENTS) source.addEventListener(name, onEvent);
    });
  }

  async function follow() {
    let wasOpen;
    do {
      wasOpen = await listen();
      await sleep(REOPEN);
      // The session may have ended.
      update();
    } while (wasOpen);
  }

  let isFollowing = false;

  // One of the open pages has a stream and tells the others: a browser has only six connections to a host
  // over HTTP/1.1. Without locks (plain http) there is no stream.
  async function join() {
    if (isFollowing || !navigator.locks) return;
    isFollowing = true;
    await navigator.locks.request("portico-events", follow).catch(() => {});
    isFollowing = false;
  }

  join();
  // The session may have changed since the page was rendered.
  update();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    join();
    update();
  });

  // Disconnecting

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-disconnect]");
    if (button) disconnect(button.closest("section"), button);
  });

  async function disconnect(section, button) {
    button.disabled = true;
    const path = button.dataset.disconnect;
    const fault = await change("DELETE", path);
    if (fault) {
      button.disabled = false;
      return void notify(fault);
    }
    const notice = notify(`${nameOf(section)} is disconnected.`);
    const undo = document.createElement("button");
    undo.className = "quiet";
    undo.textContent = "Undo";
    undo.addEventListener("click", () => restore(section.id, path, notice, undo));
    notice.append(undo);
    undo.focus();
    section.remove();
  }

  async function restore(id, path, notice, undo) {
    undo.disabled = true;
    const fault = await change("POST", `${path}/restore`);
    notice.remove();
    if (fault) notify(fault); else awaited = id;
  }

  // Returns undefined, or what went wrong.
  async function change(method, path) {
    try {
      const response = await fetch(path, { method, signal: AbortSignal.timeout(TIMEOUT) });
      if (response.ok) return undefined;
      const { error, advice } = await response.json();
      return `${error} ${advice}`;
    } catch {
      return "Portico could not be reached. Try again in a moment.";
    } finally {
      changes += 1;
      update();
    }
  }

  // Shows a notice for as long as what it tells of can be undone.
  function notify(text) {
    const notice = document.createElement("p");
    notice.className = "notice";
    const words = document.createElement("span");
    words.textContent = text;
    notice.append(words);
    notices.append(notice);
    setTimeout(() => notice.remove(), UNDO);
    return notice;
  }
}
