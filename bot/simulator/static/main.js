// Puts the page together.

import { loadAccount } from "./api.js";
import { Arrivals } from "./arrivals.js";
import { Conversation } from "./chat.js";
import { Composer } from "./composer.js";
import { byId, element } from "./dom.js";
import { PeopleList } from "./followers.js";
import { MenuBar } from "./menubar.js";
import { clock } from "./moments.js";
import { RawPanel } from "./rawpanel.js";
import { ChatView } from "./render.js";
import { askMore, askName, confirm } from "./sheets.js";
import { Store } from "./store.js";

const SUGGESTIONS = ["想找个保安的活", "老板欠我工资", "这周四讲啥", "我想找人说说话"];

class Page {
  constructor(account) {
    this.account = account;
    this.store = new Store(account.app_id, account.followers);
    this.talk = new Conversation({ store: this.store, delivery: () => this.delivery(), changed: (person, what) => this.changed(person, what) });
    this.view = new ChatView(byId("messages"), byId("chat"), {
      onTap: (piece) => this.say({ kind: "text", text: piece.content, menu_id: piece.menuId }),
      onRetry: (message) => this.talk.retry(this.store.active, message),
      onSelect: (message) => { if (message.exchange) this.raw.show(message.exchange); },
    });
    this.raw = new RawPanel((exchange) => this.view.select(exchange));
    this.people = new PeopleList(this.store, (person) => this.choose(person));
    this.menu = new MenuBar(account.menu, (entry) => this.tapMenu(entry));
    this.composer = new Composer((gesture) => this.say(gesture));
    this.wire();
    this.choose(this.store.active);
    new Arrivals(this.store, (person, text) => this.arrive(person, text)).start();
  }

  arrive(person, text) {
    this.talk.tell(person, { side: "account", kind: "text", text });
  }

  say(gesture) { return this.talk.say(this.store.active, gesture); }

  tapMenu(entry) {
    const gesture = entry.type === "view" ? { kind: "view", key: entry.url } : { kind: "click", key: entry.key };
    if (entry.type === "view") window.open(entry.url, "_blank", "noopener");
    return this.talk.act(this.store.active, gesture, `菜单 ${entry.name}`);
  }

  choose(person) {
    this.store.state.active = person.id;
    person.unread = 0;
    this.store.save();
    this.view.draw(person, this.store.tone(person));
    this.raw.draw(person);
    this.drawState();
    this.togglePanel("people", false);
    this.view.jump();
  }

  changed(person, { message, updated, exchange }) {
    if (person === this.store.active) {
      if (message) this.view.append(message);
      if (updated) this.view.update(updated);
      if (exchange) this.raw.draw(person, exchange.id);
    }
    this.drawState();
  }

  drawState() {
    const person = this.store.active;
    byId("profile").hidden = person.following;
    byId("profile-hint").textContent = person.messages.length ? "已取消关注，点“关注”再来" : "点“关注”开始";
    byId("dock").hidden = !person.following;
    byId("nav-title").textContent = person.waiting ? "对方正在输入…" : this.account.name;
    this.people.draw();
    this.drawHelper();
  }

  drawHelper() {
    const { deliveries, same_moment: together } = this.delivery();
    const note = byId("delivery-note");
    note.hidden = deliveries === 1;
    note.textContent = `模拟器：下一条会${together ? "同时" : "先后"}投递 ${deliveries} 次`;
    byId("suggestions").hidden = !this.store.state.hints;
    byId("helper").hidden = !this.store.active.following || (note.hidden && !this.store.state.hints);
  }

  delivery() {
    const deliveries = Number(document.querySelector("[name=deliveries]:checked").value);
    return { deliveries, same_moment: deliveries > 1 && byId("same-moment").checked };
  }

  async follow() {
    const person = this.store.active;
    this.setFollowing(person, true);
    if (!(await this.talk.act(person, { kind: "subscribe" }))) this.setFollowing(person, false);
  }

  async unfollow(person) {
    if (!(await confirm("不再关注", `以后收不到「${this.account.name}」的消息。`, "不再关注"))) return;
    this.setFollowing(person, false);
    if (!(await this.talk.act(person, { kind: "unsubscribe" }))) this.setFollowing(person, true);
  }

  setFollowing(person, following) {
    person.following = following;
    this.store.save();
    this.drawState();
    this.view.jump();
  }

  async more() {
    const person = this.store.active;
    const wish = await askMore(person);
    if (wish === "raw") this.togglePanel("raw", true);
    if (wish === "unfollow") await this.unfollow(person);
    if (wish === "hints") this.setHints(true);
    if (wish === "clear" && (await confirm("清空聊天记录", "只清这个页面上的，服务那边不变。", "清空"))) {
      this.store.clear(person);
      this.choose(person);
    }
  }

  setHints(on) {
    this.store.state.hints = on;
    this.store.save();
    this.drawHelper();
  }

  async addPerson() {
    const name = await askName();
    if (name) this.choose(this.store.add(name));
  }

  togglePanel(id, open) {
    const panel = byId(id);
    if (panel.classList.contains("is-open") === open) return;
    panel.classList.toggle("is-open", open);
    const opener = id === "people" ? "open-people" : "open-more";
    byId(open ? `close-${id}` : opener).focus({ preventScroll: true });
  }

  openPeople() {
    // Where the list stands beside the phone there is nothing to slide in.
    if (byId("close-people").offsetParent) this.togglePanel("people", true);
    else document.querySelector(".person[aria-current=true]").focus();
  }

  wire() {
    const on = (id, act) => byId(id).addEventListener("click", act);
    on("follow", () => this.follow());
    on("open-more", () => this.more());
    on("add-person", () => this.addPerson());
    on("open-people", () => this.openPeople());
    on("close-people", () => this.togglePanel("people", false));
    on("close-raw", () => this.togglePanel("raw", false));
    on("hide-suggestions", () => this.setHints(false));
    byId("chips").append(...SUGGESTIONS.map((text) => element("button", { type: "button", text, on: { click: () => this.say({ kind: "text", text }) } })));
    byId("raw").addEventListener("change", () => this.redeliver());
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") for (const id of ["people", "raw"]) this.togglePanel(id, false); });
    new ResizeObserver(() => this.view.jump()).observe(byId("chat"));
    this.tick();
    setInterval(() => this.tick(), 20_000);
  }

  redeliver() {
    byId("same-moment").disabled = this.delivery().deliveries === 1;
    this.drawHelper();
  }

  tick() {
    byId("status-time").textContent = clock(new Date());
    this.view.refreshTimes();
  }
}

async function start() {
  try {
    const account = await loadAccount();
    byId("loading").hidden = true;
    new Page(account);
  } catch (error) {
    console.error(error);
    const again = element("button", { type: "button", className: "second-button", text: "再试一次", on: { click: () => location.reload() } });
    byId("loading").replaceChildren("没有打开，可能是网络不通。", again);
  }
}

start();
