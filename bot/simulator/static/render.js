// Draws the messages of one chat.

import { avatar, element, icon } from "./dom.js";
import { cut } from "./links.js";
import { GAP, stamp } from "./moments.js";

const PICTURES = new URL("./pictures/", import.meta.url);
export const picture = (name) => new URL(`${name}.svg`, PICTURES).href;
export const PICTURE_NAMES = { notice: "招工启事", contract: "合同照片" };

export class ChatView {
  constructor(list, scroller, { onTap, onRetry, onSelect }) {
    Object.assign(this, { list, scroller, onTap, onRetry, onSelect, nodes: new Map(), lastStamp: 0 });
  }

  draw(person, tone) {
    Object.assign(this, { person, tone, lastStamp: 0 });
    this.nodes.clear();
    // A change of person is not news to read aloud.
    this.list.setAttribute("aria-live", "off");
    this.list.replaceChildren();
    for (const message of person.messages) this.append(message, { jump: false });
    this.jump();
    requestAnimationFrame(() => this.list.setAttribute("aria-live", "polite"));
  }

  append(message, { jump = true } = {}) {
    if (message.at - this.lastStamp > GAP) this.list.append(timeLine(message.at));
    this.lastStamp = message.at;
    const node = this.build(message);
    this.nodes.set(message.id, node);
    this.list.append(node);
    if (jump) this.jump();
  }

  update(message) {
    const old = this.nodes.get(message.id);
    if (!old) return;
    const node = this.build(message);
    old.replaceWith(node);
    this.nodes.set(message.id, node);
  }

  refreshTimes() {
    for (const line of this.list.querySelectorAll("time.system")) line.textContent = stamp(Number(line.dataset.at));
  }

  select(exchange) {
    for (const bubble of this.list.querySelectorAll(".is-selected")) bubble.classList.remove("is-selected");
    for (const node of this.list.querySelectorAll(`[data-exchange="${CSS.escape(exchange)}"] .bubble`)) node.classList.add("is-selected");
  }

  jump() { this.scroller.scrollTop = this.scroller.scrollHeight; }

  build(message) {
    if (message.side === "system") return element("p", { className: "system", text: message.text });
    if (message.side === "simulator") return element("p", { className: "sim-note", text: message.text });
    const own = message.side === "own";
    const face = own ? avatar(this.person, this.tone) : accountFace();
    const content = element("div", { className: "content", on: { click: () => this.onSelect(message) } }, ...this.body(message));
    const speaker = element("span", { className: "visually-hidden", text: own ? "我说：" : "公众号说：" });
    const row = element("div", { className: own ? "message own" : "message" }, face, speaker, content);
    if (message.exchange) row.dataset.exchange = message.exchange;
    if (own) row.append(...this.stateMark(message));
    return row;
  }

  body(message) {
    const draw = BODIES[message.kind] ?? BODIES.text;
    return draw(message, this);
  }

  stateMark(message) {
    if (message.state === "sending") return [element("span", { className: "state", role: "img", "aria-label": "发送中" }, element("span", { className: "spinner" }))];
    if (message.state !== "failed") return [];
    const retry = element("button", { type: "button", className: "state", "aria-label": "没发出去，点这里重发", on: { click: () => this.onRetry(message) } }, icon("alert"));
    return [retry];
  }
}

const accountFace = () =>
  element("span", { className: "avatar account", "aria-hidden": "true" }, element("img", { src: picture("account"), alt: "" }));

const timeLine = (at) => element("time", { className: "system time", "data-at": at, text: stamp(at) });

const bubble = (...children) => element("div", { className: "bubble tail" }, ...children);

const BODIES = {
  text: (message, view) => [bubble(...lines(message, view))],
  voice: (message) => [
    bubble(element("span", { className: "voice" }, `${seconds(message.text)}″`, icon("wave"))),
    element("div", { className: message.text ? "heard" : "heard none", text: message.text || "（没有识别出文字）" }),
  ],
  image: (message) => [element("img", { className: "picture", src: picture(message.picture), alt: PICTURE_NAMES[message.picture] ?? "图片", width: 150, height: 200 })],
  location: (message) => [
    element("div", { className: "card" }, element("div", {}, element("strong", { text: message.label || "位置" }), element("span", { text: `${message.latitude}, ${message.longitude}` })), element("img", { src: picture("map"), alt: "" })),
  ],
  link: (message) => [card(message.title, message.description)],
  file: (message) => [card(message.title, "文件")],
  video: () => [card("视频", "0:06")],
  media: (message) => [bubble(message.text)],
  news: (message) => message.articles.map(({ title, description, url }) => (/^https?:/i.test(url) ? element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, card(title, description)) : card(title, description))),
};

const card = (title, note) => element("div", { className: "card" }, element("div", {}, element("strong", { text: title }), element("span", { text: note })));

const seconds = (text) => Math.min(60, Math.max(2, Math.round(text.length / 4)));

// The follower's own words are never read as markup; the account's are, as far as <a> goes.
function lines(message, view) {
  if (message.side === "own") return [message.text];
  const rows = [[]];
  for (const piece of cut(message.text)) spread(piece, rows);
  return rows.map((row) => lineOf(row, view));
}

function spread(piece, rows) {
  if (piece.kind !== "text") return rows.at(-1).push(piece);
  piece.label.split("\n").forEach((label, index) => {
    if (index) rows.push([]);
    if (label) rows.at(-1).push({ kind: "text", label });
  });
}

function lineOf(row, view) {
  // A line that is one choice becomes a full target for a thumb.
  const isChoice = row.some(({ kind }) => kind === "tap");
  return element("span", { className: isChoice ? "line has-tap" : "line" }, ...row.map((piece) => draw(piece, view)));
}

function draw(piece, view) {
  if (piece.kind === "tap") return element("button", { type: "button", className: "tap", text: piece.label, on: { click: (event) => { event.stopPropagation(); view.onTap(piece); } } });
  if (piece.kind === "link") return element("a", { href: piece.href, target: "_blank", rel: "noopener noreferrer", text: piece.label });
  return document.createTextNode(piece.label);
}
