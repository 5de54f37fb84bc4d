// What is being written is kept on this phone at once and on the server after a moment.

import { startPicker } from "./picker.js";

const PAUSE = 1_500;
const MOST_ROWS = 7;
const MARK = "kuangyou-draft-";

export function startComposer() {
  const form = document.getElementById("reply");
  return form ? new Composer(form) : null;
}

export function forgetDrafts() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(MARK)) localStorage.removeItem(key);
}

class Composer {
  constructor(form) {
    this.form = form;
    this.text = form.querySelector("textarea");
    this.saved = document.getElementById("saved");
    this.key = `${MARK}${document.body.dataset.me}-${document.body.dataset.ticket}`;
    this.restore();
    this.picker = startPicker(this.text, () => this.changed());
    this.grow();
    this.text.addEventListener("input", () => this.changed());
    addEventListener("online", () => this.save());
    addEventListener("pagehide", () => this.save());
    form.addEventListener("submit", (event) => this.submit(event));
  }

  grow() {
    while (this.text.scrollHeight > this.text.clientHeight && this.text.rows < MOST_ROWS) this.text.rows += 1;
  }

  // On a phone the composer lies over the end of the conversation: its own height is kept free.
  showNewest() {
    const end = document.getElementById("end");
    const place = this.form.closest(".composer");
    const isOver = getComputedStyle(place).position === "sticky";
    end.style.scrollMarginBottom = `${isOver ? place.offsetHeight + 12 : 12}px`;
    end.scrollIntoView({ block: "end" });
  }

  hasText() {
    return this.text.value.trim() !== "";
  }

  restore() {
    const said = document.querySelector("[data-said]")?.dataset.said;
    if (said === "sent" || said === "parked") return localStorage.removeItem(this.key);
    if (said === "inserted") return localStorage.setItem(this.key, this.text.value);
    const kept = localStorage.getItem(this.key);
    if (kept && kept !== this.text.value && !this.text.disabled) {
      this.text.value = kept;
      this.saved.textContent = "上次没发完的字给您留着。";
    }
  }

  changed() {
    this.grow();
    localStorage.setItem(this.key, this.text.value);
    const size = new TextEncoder().encode(this.text.value).length;
    if (/【[^【】]{1,12}？】/.test(this.text.value)) this.saved.textContent = "【？】里的空填好再发。";
    else this.saved.textContent = size > Number(this.text.dataset.longest) - 60 ? "太长了，一条装不下，请分两条发。" : "已存在手机里";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  async save() {
    const body = this.text.value;
    if (this.isSent || body === this.last || (!body && this.last === undefined)) return;
    const fields = new URLSearchParams({ mark: this.form.elements.mark.value, body });
    try {
      const answer = await fetch(this.form.dataset.draft, { method: "POST", body: fields, redirect: "manual", keepalive: true });
      if (!answer.ok) throw new Error("not kept");
      this.last = body;
      if (body === this.text.value) this.saved.textContent = body ? "草稿存好了" : "";
    } catch {
      this.saved.textContent = "已存在手机里，等有网再存到服务器";
    }
  }

  submit(event) {
    localStorage.setItem(this.key, this.text.value);
    if (!navigator.onLine) {
      event.preventDefault();
      this.saved.textContent = "没有网络，还没发。字都留着，有网再点一次。";
      return;
    }
    this.isSent = true;
    clearTimeout(this.timer);
  }

  // The person wrote again: an empty composer goes on from there, a begun reply is held.
  take(fresh) {
    this.picker?.filter();
    const seen = fresh.getElementById("seen");
    const own = document.getElementById("seen");
    if (!seen || seen.value === own.value) return;
    if (this.hasText()) {
      document.getElementById("held").hidden = false;
    } else {
      own.value = seen.value;
    }
  }
}
