// The input bar: keyboard or voice, emoji, the panel behind the plus.

import { byId, element, icon } from "./dom.js";
import { askLink, askPicture, askPlace, askVoice } from "./sheets.js";

const EMOJI = [..."😀😄😂🙂😊😉😍🤔😐😢😭😡😱🙏👍👎💪🤝👌❤🌹🎉☀🌙"];

const EXTRAS = [
  ["album", "相册", async () => withKind("image", await askPicture())],
  ["place", "位置", async () => withKind("location", await askPlace())],
  ["mic", "语音", async () => withKind("voice", await askVoice())],
  ["link", "链接", async () => withKind("link", await askLink())],
  ["video", "视频", async () => ({ kind: "video" })],
  ["file", "文件", async () => ({ kind: "file", title: "我的简历.docx" })],
];

const withKind = (kind, fields) => fields && { kind, ...fields };

export class Composer {
  constructor(onGesture) {
    this.onGesture = onGesture;
    this.input = byId("input");
    byId("input-row").addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.input.addEventListener("input", () => this.refresh());
    this.input.addEventListener("focus", () => this.openPanel(null));
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    byId("toggle-voice").addEventListener("click", () => this.setVoice(byId("hold").hidden));
    byId("hold").addEventListener("click", () => this.voice());
    byId("toggle-emoji").addEventListener("click", () => { this.setVoice(false); this.togglePanel("emoji-panel"); });
    byId("toggle-plus").addEventListener("click", () => this.togglePanel("plus-panel"));
    byId("emoji-panel").append(...EMOJI.map((face) => element("button", { type: "button", text: face, on: { click: () => this.insert(face) } })));
    byId("plus-panel").append(...EXTRAS.map(([name, label, ask]) => element("button", { type: "button", on: { click: () => this.extra(ask) } }, icon(name), label)));
  }

  onKey(event) {
    // While an input method is composing, Enter picks a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.refresh();
    this.onGesture({ kind: "text", text });
  }

  insert(face) {
    this.input.value += face;
    this.refresh();
  }

  async voice() {
    const heard = await askVoice();
    if (heard) this.onGesture({ kind: "voice", ...heard });
  }

  async extra(ask) {
    this.openPanel(null);
    const gesture = await ask();
    if (gesture) this.onGesture(gesture);
  }

  setVoice(on) {
    byId("hold").hidden = !on;
    this.input.hidden = on;
    const toggle = byId("toggle-voice");
    toggle.setAttribute("aria-pressed", String(on));
    toggle.setAttribute("aria-label", on ? "换成键盘" : "换成语音");
    toggle.replaceChildren(icon(on ? "keyboard" : "voice"));
    if (on) this.openPanel(null);
    else this.input.focus();
    this.refresh();
  }

  togglePanel(id) { this.openPanel(byId(id).hidden ? id : null); }

  openPanel(open) {
    for (const id of ["emoji-panel", "plus-panel"]) {
      byId(id).hidden = id !== open;
      document.querySelector(`[aria-controls="${id}"]`).setAttribute("aria-expanded", String(id === open));
    }
  }

  refresh() {
    const hasText = this.input.value.trim() !== "" && !this.input.hidden;
    byId("send").hidden = !hasText;
    byId("toggle-plus").hidden = hasText;
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 120)}px`;
  }
}
