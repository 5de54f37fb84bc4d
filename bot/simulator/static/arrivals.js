// What the account sends by itself, and what kind of account it is.

import { loadArrivals, loadConditions, sendConditions } from "./api.js";
import { byId } from "./dom.js";

const EVERY = 1_500;

export class Arrivals {
  // `receive(person, text)` puts a message on a phone.
  constructor(store, receive) {
    Object.assign(this, { store, receive });
  }

  async start() {
    setInterval(() => this.look(), EVERY);
    byId("account-type").addEventListener("change", () => this.choose());
    byId("next-fault").addEventListener("change", () => this.choose());
    try {
      byId("account-type").value = (await loadConditions()).account_type;
    } catch {
      // The page works without; the next choice sets both.
    }
  }

  async look() {
    if (this.isLooking || document.hidden) return;
    this.isLooking = true;
    try {
      await this.fetch();
    } catch {
      // The service is stopped or the network away: the next look finds what came meanwhile.
    } finally {
      this.isLooking = false;
    }
  }

  async fetch() {
    const seen = this.store.state.arrivals ?? { run: "", last: 0 };
    let { run, messages } = await loadArrivals(seen.last);
    if (run !== seen.run && seen.last) ({ run, messages } = await loadArrivals(0));
    if (run === seen.run && !messages.length) return;
    this.store.state.arrivals = { run, last: messages.at(-1)?.number ?? (run === seen.run ? seen.last : 0) };
    for (const { follower, text } of messages) {
      const person = this.store.find(follower);
      if (person) this.receive(person, text);
    }
    this.store.save();
  }

  choose() {
    const fault = byId("next-fault").value;
    byId("next-fault").value = "";
    return sendConditions({ account_type: byId("account-type").value, faults: fault ? [fault] : [] });
  }
}
