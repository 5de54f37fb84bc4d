// The raw messages of one exchange, attempt by attempt.

import { byId, element } from "./dom.js";
import { stamp } from "./moments.js";

const OUTCOMES = { answered: "", timeout: "超过 5 秒", unreachable: "连不上", bad_status: "" };

export class RawPanel {
  constructor(onChoose) {
    this.onChoose = onChoose;
    byId("raw-choice").addEventListener("change", (event) => this.show(event.target.value));
    byId("raw-tabs").addEventListener("keydown", (event) => this.onKey(event));
  }

  draw(person, chosen = person.exchanges.at(-1)?.id) {
    this.exchanges = person.exchanges;
    const isEmpty = !this.exchanges.length;
    byId("raw-empty").hidden = !isEmpty;
    byId("raw-view").hidden = isEmpty;
    if (isEmpty) return;
    const options = [...this.exchanges].reverse().map(({ id, at, title }) => element("option", { value: id, text: `${stamp(at)} · ${title}` }));
    byId("raw-choice").replaceChildren(...options);
    this.show(chosen);
  }

  show(id) {
    const exchange = this.exchanges?.find((one) => one.id === id);
    if (!exchange) return;
    byId("raw-choice").value = id;
    this.writeVerdict(exchange);
    const tabs = exchange.attempts.map((attempt) => element("button", { type: "button", role: "tab", "aria-controls": "raw-attempt", text: tabName(attempt), on: { click: () => this.open(attempt) } }));
    byId("raw-tabs").replaceChildren(...tabs);
    this.tabs = tabs;
    this.attempts = exchange.attempts;
    this.open(exchange.attempts.at(-1));
    this.onChoose(id);
  }

  writeVerdict({ shown, identical, openid }) {
    const verdict = byId("raw-verdict");
    const isGood = identical ?? shown.kind !== "failure";
    verdict.className = isGood ? "verdict good" : "verdict bad";
    verdict.replaceChildren(verdictOf(shown, identical), element("small", { text: `openid ${openid}` }));
  }

  open(attempt) {
    this.tabs.forEach((tab, index) => {
      const isOpen = this.attempts[index] === attempt;
      tab.setAttribute("aria-selected", String(isOpen));
      tab.tabIndex = isOpen ? 0 : -1;
    });
    byId("raw-attempt").replaceChildren(...partsOf(attempt));
  }

  onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = this.tabs.indexOf(document.activeElement);
    if (!step || at < 0) return;
    const next = (at + step + this.tabs.length) % this.tabs.length;
    this.open(this.attempts[next]);
    this.tabs[next].focus();
  }
}

function verdictOf(shown, identical) {
  if (identical === true) return "几次回答完全相同 ✓";
  if (identical === false) return "几次回答不一样 ✗";
  if (shown.kind === "failure") return `手机显示故障提示（${OUTCOMES[shown.reason] || shown.reason}）`;
  return shown.kind === "nothing" ? "手机上什么也不显示" : "手机上显示了回答";
}

const tabName = ({ number, status, outcome, milliseconds }) => `第 ${number} 次 · ${status ?? OUTCOMES[outcome]} · ${milliseconds} 毫秒`;

function partsOf(attempt) {
  const parts = [["微信请求的地址", `POST ${attempt.url}`], ["微信推送的内容", attempt.request_xml]];
  if (attempt.request_sealed) parts.push(["加密后实际发出的内容", attempt.request_sealed]);
  parts.push([`服务的回答${attempt.status ? `（状态 ${attempt.status}）` : ""}`, attempt.response || "（空）"]);
  if (attempt.response_xml !== attempt.response) parts.push(["解密后的回答", attempt.response_xml || "（解不开）"]);
  return parts.flatMap(([title, text]) => [element("h3", { text: title }), element("pre", { tabindex: "0", "aria-label": title, text })]);
}
