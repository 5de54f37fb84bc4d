// What the page asks the simulator's server.

const BASE = new URL("../api/", import.meta.url);
const PATIENCE = 40_000; // three attempts of five seconds, and a slow network

async function ask(path, options = {}) {
  const answer = await fetch(new URL(path, BASE), { ...options, signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(`the simulator answered ${answer.status}`);
  return answer.json();
}

export const loadAccount = () => ask("account");

export const sendGesture = (gesture) =>
  ask("send", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(gesture) });

export const loadArrivals = (after) => ask(`arrivals?after=${after}`);

export const loadConditions = () => ask("conditions");

export const sendConditions = (conditions) =>
  ask("conditions", { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(conditions) });
