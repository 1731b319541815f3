/* The text of a document: line numbers that keep up, a new line that keeps its indent, and the way from a mistake to
   its place. Everything works without it: the button beside the text checks, and mistakes name line and column. */
(() => {
  "use strict";
  const text = () => document.getElementById("text");

  const number = () => {
    const gutter = document.getElementById("gutter");
    const lines = text().value.split("\n").length;
    while (gutter.children.length > lines) gutter.lastElementChild.remove();
    while (gutter.children.length < lines) {
      const line = document.createElement("li");
      line.textContent = String(gutter.children.length + 1);
      gutter.append(line);
    }
    text().rows = lines + 1;
  };

  document.addEventListener("input", (event) => {
    if (event.target.id === "text") number();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (text()) number();
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "text" || event.key !== "Enter" || event.isComposing) return;
    const { value, selectionStart } = event.target;
    const line = value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart);
    const indent = line.match(/^ */)[0];
    if (!indent) return;
    event.preventDefault();
    event.target.setRangeText(`\n${indent}`, selectionStart, event.target.selectionEnd, "end");
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-line]");
    if (!link) return;
    event.preventDefault();
    const lines = text().value.split("\n");
    const before = lines.slice(0, Number(link.dataset.line) - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const at = before + Number(link.dataset.column) - 1;
    text().focus();
    text().setSelectionRange(at, at);
    document.getElementById("gutter").children[Number(link.dataset.line) - 1]?.scrollIntoView({ block: "center" });
  });
})();
