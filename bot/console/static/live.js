// Shows what is new without a reload: the page fetches itself and swaps its parts.

const SLOWLY = 30_000;

export function startLive(composer) {
  const { live, refresh } = document.body.dataset;
  if (!live) return;
  const page = new LivePage(refresh, composer);
  if ("EventSource" in window) {
    const source = new EventSource(live);
    source.addEventListener("change", () => page.fetch());
    source.addEventListener("gone", () => {
      source.close();
      page.fetch(); // its answer says why
    });
  }
  // Also where no event gets through, and for the waiting times.
  setInterval(() => page.fetch(), SLOWLY);
  addEventListener("online", () => page.fetch());
  document.addEventListener("visibilitychange", () => document.hidden || page.fetch());
}

class LivePage {
  constructor(address, composer) {
    Object.assign(this, { address, composer, isBusy: false, isWanted: false });
  }

  async fetch() {
    this.isWanted = true;
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      while (this.isWanted) {
        this.isWanted = false;
        await this.swap();
      }
    } catch {
      // No network: the next event or the next look brings it.
    } finally {
      this.isBusy = false;
    }
  }

  async swap() {
    const answer = await fetch(this.address, { headers: { Accept: "text/html" }, redirect: "manual" });
    if (!answer.ok) {
      if (answer.status < 500) showWhy(answer.status);
      return;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const isOther = Boolean(fresh.getElementById("composer")) !== Boolean(document.getElementById("composer"))
      || Boolean(fresh.getElementById("part-outside")) !== Boolean(document.getElementById("part-outside"));
    if (isOther && !this.composer?.hasText()) return location.reload();
    const wasAtEnd = isNewestInView();
    for (const part of document.querySelectorAll("[data-part]")) replace(part, fresh.getElementById(part.id));
    this.composer?.take(fresh);
    if (wasAtEnd && this.composer) this.composer.showNewest();
  }
}

// Without a log-in every page leads away; a ticket that somebody else holds is not there.
function showWhy(status) {
  const isTaken = [403, 404].includes(status);
  document.getElementById("taken").hidden = !isTaken;
  document.getElementById("gone").hidden = isTaken;
}

function isNewestInView() {
  const newest = document.querySelector(".lines > :last-child")?.getBoundingClientRect();
  return newest !== undefined && newest.top < innerHeight && newest.bottom > 0;
}

function replace(part, fresh) {
  if (!fresh) return;
  for (const own of part.querySelectorAll("details[data-keep]")) {
    const same = fresh.querySelector(`details[data-keep="${own.dataset.keep}"]`);
    if (same) same.open = own.open;
  }
  if (part.dataset.part === "list") return patch(part, fresh);
  if (part.isEqualNode(fresh) || part.contains(document.activeElement)) return;
  part.replaceWith(document.adoptNode(fresh));
}

// A picture that is there already is not asked for again, nor a recording stopped.
function keepMedia(own, line) {
  for (const there of own.querySelectorAll("img, audio")) {
    line.querySelector(`[src="${there.getAttribute("src")}"]`)?.replaceWith(there);
  }
  return line;
}

// Only the lines that are new or have changed are touched: nobody is read the whole again.
function patch(list, fresh) {
  const wanted = [...fresh.children];
  for (const [place, line] of wanted.entries()) {
    const own = list.children[place];
    if (!own) list.append(document.adoptNode(line));
    else if (!own.isEqualNode(line)) own.replaceWith(keepMedia(own, document.adoptNode(line)));
  }
  while (list.children.length > wanted.length) list.lastElementChild.remove();
}
