// What the page remembers of each person, kept in this browser only.

const MESSAGES = 300;
const EXCHANGES = 30;

const newPerson = (person) => ({ ...person, following: false, unread: 0, waiting: 0, messages: [], exchanges: [] });

export class Store {
  constructor(key, people) {
    this.key = `kuangyou-simulator:${key}`;
    this.state = this.read() ?? { people: [], active: people[0].id, hints: true };
    for (const person of people) {
      if (!this.find(person.id)) this.state.people.push(newPerson(person));
    }
    this.mend();
  }

  get people() { return this.state.people; }
  get active() { return this.find(this.state.active) ?? this.people[0]; }
  find(id) { return this.state.people.find((person) => person.id === id); }
  tone(person) { return this.people.indexOf(person) % 6; }

  add(name) {
    const person = newPerson({ id: `friend-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`, name, about: "新朋友" });
    this.people.push(person);
    this.state.active = person.id;
    this.save();
    return person;
  }

  say(person, message) {
    const full = { id: `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`, at: Date.now(), ...message };
    person.messages.push(full);
    person.messages.splice(0, person.messages.length - MESSAGES);
    this.save();
    return full;
  }

  keep(person, exchange) {
    person.exchanges.push(exchange);
    person.exchanges.splice(0, person.exchanges.length - EXCHANGES);
    this.save();
  }

  clear(person) {
    Object.assign(person, { messages: [], exchanges: [], unread: 0 });
    this.save();
  }

  save() {
    try {
      localStorage.setItem(this.key, JSON.stringify(this.state));
    } catch {
      // Full or forbidden storage only costs the history: the oldest raw messages go first.
      for (const person of this.people) person.exchanges.splice(0, 5);
    }
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  mend() {
    // What was under way when the page closed never got through.
    for (const person of this.people) {
      person.waiting = 0;
      for (const message of person.messages) if (message.state === "sending") message.state = "failed";
    }
  }
}
