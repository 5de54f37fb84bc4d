// The account's custom menu at the bottom, with its pop-ups.

import { byId, element, icon } from "./dom.js";

export class MenuBar {
  constructor(menu, onChoose) {
    this.onChoose = onChoose;
    this.row = byId("menu-buttons");
    this.row.replaceChildren(...menu.button.map((button) => this.slot(button)));
    byId("to-keyboard").addEventListener("click", () => this.show("input"));
    byId("to-menu").addEventListener("click", () => this.show("menu"));
    document.addEventListener("click", (event) => { if (!this.row.contains(event.target)) this.close(); });
    this.row.addEventListener("keydown", (event) => this.onKey(event));
  }

  show(which) {
    this.close();
    byId("menu-row").hidden = which !== "menu";
    byId("input-row").hidden = which !== "input";
    byId("emoji-panel").hidden = true;
    byId("plus-panel").hidden = true;
    byId(which === "menu" ? "to-keyboard" : "to-menu").focus({ preventScroll: true });
  }

  slot(button) {
    const entries = button.sub_button ?? [];
    if (!entries.length) return element("div", { className: "menu-slot" }, element("button", { type: "button", text: button.name, on: { click: () => this.choose(button) } }));
    const pop = element("div", { className: "menu-pop", role: "menu", "aria-label": button.name, hidden: true }, ...entries.map((entry) => element("button", { type: "button", role: "menuitem", text: entry.name, on: { click: () => this.choose(entry) } })));
    const opener = element("button", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", on: { click: () => this.toggle(opener, pop) } }, icon("menu"), button.name);
    return element("div", { className: "menu-slot" }, opener, pop);
  }

  toggle(opener, pop) {
    const wasOpen = !pop.hidden;
    this.close();
    pop.hidden = wasOpen;
    opener.setAttribute("aria-expanded", String(!wasOpen));
  }

  close() {
    for (const pop of this.row.querySelectorAll(".menu-pop")) pop.hidden = true;
    for (const opener of this.row.querySelectorAll("[aria-expanded]")) opener.setAttribute("aria-expanded", "false");
  }

  choose(entry) {
    this.close();
    this.onChoose(entry);
  }

  onKey(event) {
    const slot = event.target.closest(".menu-slot");
    const pop = slot?.querySelector(".menu-pop");
    if (!pop || !["Escape", "ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Escape") {
      this.close();
      slot.firstElementChild.focus();
      return;
    }
    if (pop.hidden) this.toggle(slot.firstElementChild, pop);
    const items = [...pop.children];
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = items.indexOf(document.activeElement);
    items.at(at < 0 ? (step > 0 ? 0 : -1) : (at + step) % items.length).focus();
  }
}
