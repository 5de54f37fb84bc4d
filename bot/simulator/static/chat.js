// Carries a gesture to the account and puts on the phone what comes back.

import { sendGesture } from "./api.js";

export const LABELS = {
  text: "文字", voice: "语音", image: "图片", video: "视频", location: "位置", link: "链接", file: "文件",
  subscribe: "关注", unsubscribe: "取消关注", scan: "扫码", click: "菜单", view: "打开网页",
};

export class Conversation {
  // `delivery()` says how often the next message arrives; `changed(person, what)` redraws.
  constructor({ store, delivery, changed }) {
    Object.assign(this, { store, delivery, changed });
  }

  say(person, gesture) {
    const message = this.store.say(person, { side: "own", state: "sending", gesture, ...gesture });
    this.changed(person, { message });
    return this.deliver(person, gesture, message);
  }

  act(person, gesture, title = "") {
    return this.deliver(person, gesture, null, title);
  }

  retry(person, message) {
    message.state = "sending";
    this.changed(person, { updated: message });
    return this.deliver(person, message.gesture, message);
  }

  async deliver(person, gesture, message, title = "") {
    person.waiting += 1;
    this.changed(person, {});
    const exchange = await this.ask(person, gesture);
    person.waiting -= 1;
    if (message) this.mark(person, message, exchange);
    if (exchange) this.receive(person, exchange, title || describe(gesture));
    else if (!message) this.tell(person, { side: "system", text: "网络不通，没有发出去，请再试一次" });
    this.changed(person, {});
    return exchange;
  }

  async ask(person, gesture) {
    try {
      const answer = await sendGesture({ follower: person.id, ...gesture, ...this.delivery() });
      return { ...answer, id: `x${Date.now()}-${Math.random().toString(36).slice(2, 8)}`, at: Date.now() };
    } catch {
      return null;
    }
  }

  mark(person, message, exchange) {
    Object.assign(message, { state: exchange ? "sent" : "failed", exchange: exchange?.id });
    this.store.save();
    this.changed(person, { updated: message });
  }

  receive(person, exchange, title) {
    this.store.keep(person, { ...exchange, title });
    const { kind, text, articles } = exchange.shown;
    if (kind === "failure") this.tell(person, { side: "system", text, exchange: exchange.id });
    else if (kind !== "nothing") this.tell(person, { side: "account", kind, text, articles, exchange: exchange.id });
    if (exchange.identical !== null) this.tell(person, { side: "simulator", text: repeatedNote(exchange) });
    this.changed(person, { exchange });
  }

  tell(person, message) {
    if (person !== this.store.active && message.side === "account") person.unread += 1;
    this.changed(person, { message: this.store.say(person, message) });
  }
}

function repeatedNote({ attempts, identical }) {
  return `模拟器：投递 ${attempts.length} 次，${identical ? "回答完全相同 ✓" : "回答不一样 ✗"}`;
}

function describe(gesture) {
  const what = gesture.text || gesture.label || gesture.title || gesture.key || "";
  return `${LABELS[gesture.kind]} ${what}`.trim().slice(0, 40);
}
