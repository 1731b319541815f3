/* Small comforts. Every control works without them: links and forms are underneath. */
(() => {
  "use strict";
  const root = document.documentElement;

  // theme: shown at once, kept by the form's own request
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.theme === undefined) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    const theme = data.get("theme");
    if (theme === "system") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", theme);
    for (const button of form.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(button.value === theme));
    fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } });
  });

  // a changed date or select sends its form
  document.addEventListener("change", (event) => {
    const form = event.target.form; // fields in the bar above belong to a form of the page
    if (form?.dataset.auto !== undefined && event.target.value !== "") form.requestSubmit();
  });

  // reasons: the drawer opens when it is filled, closes by button, link outside or Escape
  let opener = null;
  const drawer = () => document.getElementById("why");
  const close = () => {
    const box = drawer();
    if (!box || !box.classList.contains("open")) return;
    box.classList.remove("open");
    box.replaceChildren();
    for (const link of document.querySelectorAll('.why[aria-expanded="true"]')) link.removeAttribute("aria-expanded");
    if (opener && opener.isConnected) opener.focus();
  };
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "why") return;
    const box = drawer();
    box.classList.add("open");
    opener = event.detail.requestConfig?.elt ?? null;
    if (opener?.classList.contains("why")) opener.setAttribute("aria-expanded", "true");
    box.focus();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      close();
    }
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(event.target)) menu.removeAttribute("open");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close();
      for (const menu of document.querySelectorAll("details.menu[open]")) menu.removeAttribute("open");
    }
    if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "")) {
      const search = document.querySelector(".search input");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });

  // tree rows: a twist hides and shows the rows below it that are already there
  document.addEventListener("click", (event) => {
    const twist = event.target.closest("button.twist[data-fold]");
    if (!twist) return;
    const open = twist.getAttribute("aria-expanded") !== "true";
    const row = twist.closest("tr");
    const level = Number(row.getAttribute("aria-level"));
    twist.setAttribute("aria-expanded", String(open));
    row.setAttribute("aria-expanded", String(open));
    let closedAt = null;
    for (let next = row.nextElementSibling; next; next = next.nextElementSibling) {
      const depth = Number(next.getAttribute("aria-level") ?? Infinity);
      if (depth <= level) break;
      if (closedAt !== null && depth <= closedAt) closedAt = null;
      next.hidden = !open || closedAt !== null;
      if (open && closedAt === null && next.getAttribute("aria-expanded") === "false") closedAt = depth;
    }
  });

  // the chosen page of a section stays in sight where the list is wider than the phone
  document.querySelector(".tabs.sub [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

  // a language chosen after a step in the page comes back to that step
  document.addEventListener("htmx:pushedIntoHistory", (event) => {
    for (const field of document.querySelectorAll('.top input[name="next"]')) field.value = event.detail.path;
  });

  // no answer at all
  document.addEventListener("htmx:sendError", () => {
    const box = document.getElementById("toasts");
    if (!box) return;
    const toast = document.createElement("div");
    toast.className = "toast bad";
    toast.textContent = box.dataset.offline;
    box.replaceChildren(toast);
  });
})();
