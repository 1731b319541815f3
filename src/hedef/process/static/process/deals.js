/* A card can be dragged into the lane of another stage: it fills and sends the form that the card carries anyway. */
(() => {
  "use strict";
  let card = null;

  const offered = (lane) => {
    const stage = lane?.dataset.stage;
    const select = card?.querySelector(".move select");
    return stage && select && [...select.options].some((one) => one.value === stage) ? select : null;
  };
  const unmark = () => {
    for (const lane of document.querySelectorAll(".lane.target")) lane.classList.remove("target");
  };

  document.addEventListener("dragstart", (event) => {
    card = event.target.closest?.(".deal[draggable]") ?? null;
    if (!card) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.deal);
    card.classList.add("dragging");
  });
  document.addEventListener("dragover", (event) => {
    const lane = event.target.closest?.(".lane");
    unmark();
    if (!offered(lane)) return;
    event.preventDefault();
    lane.classList.add("target");
  });
  document.addEventListener("drop", (event) => {
    const lane = event.target.closest?.(".lane");
    const select = offered(lane);
    if (!select) return;
    event.preventDefault();
    select.value = lane.dataset.stage;
    select.form.requestSubmit();
  });
  document.addEventListener("dragend", () => {
    unmark();
    card?.classList.remove("dragging");
    card = null;
  });
})();
