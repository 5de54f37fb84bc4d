// The list of people: who is waiting, who has something unread.

import { avatar, byId, element } from "./dom.js";
import { plain } from "./links.js";
import { stamp } from "./moments.js";

export class PeopleList {
  constructor(store, onChoose) {
    Object.assign(this, { store, onChoose, list: byId("people-list") });
  }

  draw() {
    this.list.replaceChildren(...this.store.people.map((person) => element("li", {}, this.row(person))));
    const unread = this.store.people.reduce((sum, person) => sum + person.unread, 0);
    byId("unread-total").textContent = unread;
    byId("unread-total").hidden = unread === 0;
  }

  row(person) {
    const face = avatar(person, this.store.tone(person));
    if (person.unread) face.append(element("span", { className: "badge", text: person.unread }));
    const last = person.messages.findLast(({ side }) => side !== "simulator");
    const name = element("span", { className: "person-name" }, person.name, ...(last ? [element("time", { text: stamp(last.at) })] : []));
    const preview = person.waiting
      ? element("span", { className: "person-last is-typing", text: "正在输入…" })
      : element("span", { className: "person-last", text: previewOf(person, last) });
    const isActive = person === this.store.active;
    return element("button", { type: "button", className: "person", "aria-current": String(isActive), on: { click: () => this.onChoose(person) } },
      face, element("span", { className: "person-text" }, name, preview), ...(person.unread ? [element("span", { className: "visually-hidden", text: `${person.unread} 条未读` })] : []));
  }
}

const NAMES = { voice: "[语音]", image: "[图片]", location: "[位置]", link: "[链接]", file: "[文件]", video: "[视频]" };

function previewOf(person, last) {
  if (!last) return person.about;
  return NAMES[last.kind] ?? plain(last.text ?? "").replaceAll("\n", " ").slice(0, 40);
}
