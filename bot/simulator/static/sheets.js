// The sheets that rise from the bottom of the phone; each promises what was chosen, or null.

import { byId, element } from "./dom.js";
import { picture, PICTURE_NAMES } from "./render.js";

const PLACES = [
  { label: "山东省泰安市肥城市新城街道", latitude: 36.1828, longitude: 116.7687 },
  { label: "山东省泰安市肥城市石横镇", latitude: 36.2063, longitude: 116.5176 },
  { label: "山东省泰安市肥城市王瓜店街道", latitude: 36.2006, longitude: 116.7017 },
  { label: "山东省泰安市泰山区岱庙街道", latitude: 36.1942, longitude: 117.1296 },
  { label: "山东省泰安市新泰市翟镇", latitude: 35.9376, longitude: 117.6739 },
];

function open(title, build) {
  const sheet = byId("sheet");
  const form = byId("sheet-form");
  byId("sheet-title").textContent = title;
  placeOver(byId("phone"), sheet);
  return new Promise((resolve) => {
    let chosen = null;
    const finish = (value) => { chosen = value; sheet.close(); };
    form.replaceChildren(...build(finish), element("button", { type: "button", className: "second-button", text: "取消", on: { click: () => finish(null) } }));
    form.onsubmit = (event) => event.preventDefault();
    sheet.onclose = () => resolve(chosen);
    sheet.onclick = (event) => { if (event.target === sheet && isOutside(event, sheet)) finish(null); };
    sheet.showModal();
  });
}

function placeOver(phone, sheet) {
  const box = phone.getBoundingClientRect();
  const edge = phone.clientLeft;
  sheet.style.setProperty("--phone-left", `${box.left + edge}px`);
  sheet.style.setProperty("--phone-width", `${box.width - 2 * edge}px`);
  sheet.style.setProperty("--phone-bottom", `${Math.max(0, window.innerHeight - box.bottom + edge)}px`);
}

function isOutside({ clientX, clientY }, sheet) {
  const box = sheet.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

const field = (label, control) => element("label", { className: "field" }, element("span", { text: label }), control);

const mainButton = (text, act) => element("button", { type: "button", className: "main-button", text, on: { click: act } });

export function askVoice() {
  return open("说了什么", (finish) => {
    const heard = element("textarea", { rows: 3, maxlength: 500, placeholder: "例如：我想找个离家近的活" });
    return [
      element("p", { className: "hint", text: "微信会把语音转成文字一起送来。空着就是没听清，只送语音。" }),
      field("微信听出来的文字", heard),
      mainButton("发送语音", () => finish({ text: heard.value.trim() })),
    ];
  });
}

export function askPicture() {
  return open("选一张照片", (finish) => [
    element("div", { className: "pictures" }, ...Object.entries(PICTURE_NAMES).map(([name, label]) =>
      element("button", { type: "button", on: { click: () => finish({ picture: name }) } }, element("img", { src: picture(name), alt: "" }), label))),
  ]);
}

export function askPlace() {
  return open("发送位置", (finish) => {
    const label = element("input", { maxlength: 100, value: "山东省泰安市肥城市" });
    const latitude = element("input", { inputmode: "decimal", value: "36.1828" });
    const longitude = element("input", { inputmode: "decimal", value: "116.7687" });
    const wrong = element("p", { className: "wrong", role: "alert", hidden: true, text: "请填数字：纬度 -90 到 90，经度 -180 到 180。" });
    const sendOwn = () => {
      const place = { label: label.value.trim(), latitude: Number(latitude.value), longitude: Number(longitude.value) };
      if (isPlace(place) && latitude.value.trim() && longitude.value.trim()) finish(place);
      else wrong.hidden = false;
    };
    return [
      element("div", { className: "choices" }, ...PLACES.map((place) => element("button", { type: "button", text: place.label, on: { click: () => finish(place) } }))),
      element("details", {}, element("summary", { text: "自己填坐标" }), field("地名", label), element("div", { className: "pair" }, field("纬度", latitude), field("经度", longitude)), wrong, mainButton("发送位置", sendOwn)),
    ];
  });
}

const isPlace = ({ latitude, longitude }) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;

export function askLink() {
  return open("转发链接", (finish) => {
    const title = element("input", { maxlength: 100, value: "某厂招普工，包吃住" });
    const description = element("input", { maxlength: 200, value: "朋友圈里看到的招工文章" });
    const url = element("input", { type: "url", maxlength: 500, value: "https://example.com/zhaogong" });
    return [
      field("标题", title), field("说明", description), field("网址", url),
      mainButton("发送链接", () => finish({ title: title.value.trim(), description: description.value.trim(), url: url.value.trim() })),
    ];
  });
}

export function askName() {
  return open("添一位新朋友", (finish) => {
    const name = element("input", { maxlength: 12, placeholder: "例如：老李" });
    return [field("怎么称呼", name), mainButton("添加", () => finish(name.value.trim() || "新朋友"))];
  });
}

export function askMore(person) {
  return open(person.name, (finish) => [
    element("div", { className: "choices" },
      element("button", { type: "button", text: "原始报文和重复投递", on: { click: () => finish("raw") } }),
      element("button", { type: "button", text: "显示提示语", on: { click: () => finish("hints") } }),
      element("button", { type: "button", text: "清空聊天记录", on: { click: () => finish("clear") } })),
    ...(person.following ? [element("button", { type: "button", className: "danger-button", text: "不再关注", on: { click: () => finish("unfollow") } })] : []),
  ]);
}

export async function confirm(title, words, action) {
  return open(title, (finish) => [
    element("p", { className: "hint", text: words }),
    element("button", { type: "button", className: "danger-button", text: action, on: { click: () => finish(true) } }),
  ]);
}
