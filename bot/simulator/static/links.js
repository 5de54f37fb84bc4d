// Cuts a text of the account into plain pieces, links and tappable choices, as WeChat does.

const TAG = /<a\b[^>]*?\bhref\s*=\s*(["'])(.*?)\1[^>]*>(.*?)<\/a>/gis;
const BARE = /https?:\/\/[^\s<>"'，。；！？、）】」]+|(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-\d{7,8}|400-?\d{3}-?\d{4})(?!\d)/g;

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
const unescape = (text) => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (found) => ENTITIES[found]);

export function cut(text) {
  const pieces = [];
  let end = 0;
  for (const found of text.matchAll(TAG)) {
    pieces.push(...cutBare(text.slice(end, found.index)), readTag(found));
    end = found.index + found[0].length;
  }
  pieces.push(...cutBare(text.slice(end)));
  return pieces;
}

export const plain = (text) => text.replace(TAG, (_all, _quote, _href, label) => label);

function readTag([whole, , rawHref, label]) {
  const href = unescape(rawHref);
  if (/^weixin:\/\/bizmsgmenu\?/i.test(href)) {
    const query = new URLSearchParams(href.slice(href.indexOf("?") + 1));
    return { kind: "tap", label, content: query.get("msgmenucontent") || label, menuId: query.get("msgmenuid") ?? "" };
  }
  if (/^(https?:\/\/|tel:)/i.test(href)) return { kind: "link", label, href };
  return { kind: "text", label: whole };
}

function cutBare(text) {
  const pieces = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(BARE)) {
    if (index > end) pieces.push({ kind: "text", label: text.slice(end, index) });
    pieces.push({ kind: "link", label: found, href: found.startsWith("http") ? found : `tel:${found}` });
    end = index + found.length;
  }
  if (end < text.length) pieces.push({ kind: "text", label: text.slice(end) });
  return pieces;
}
