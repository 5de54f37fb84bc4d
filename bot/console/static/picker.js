// Approved replies are found and put behind what is written without a round trip, also offline.

export function startPicker(text, changed) {
  const box = document.getElementById("replies");
  return box ? new Picker(box, text, changed) : null;
}

class Picker {
  constructor(box, text, changed) {
    Object.assign(this, { box, text, changed });
    this.field = document.getElementById("find");
    document.getElementById("find-button").hidden = true;
    box.querySelector(".picker-find").classList.add("is-live");
    this.field.addEventListener("input", () => this.filter());
    this.field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    box.addEventListener("click", (event) => this.clicked(event));
    // On a phone it opens below the edge of the screen.
    box.addEventListener("toggle", () => box.open && box.closest(".composer").scrollIntoView({ block: "end" }));
    this.filter();
  }

  // The list may have been swapped for a newer one meanwhile.
  filter() {
    const pieces = this.field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [[], []];
    for (const row of this.box.querySelectorAll("li[data-title]")) {
      const place = rank(row.dataset, pieces);
      row.hidden = place < 0;
      if (place >= 0) found[place].push(row);
    }
    const none = document.getElementById("no-replies");
    none.hidden = found.flat().length > 0;
    if (pieces.length) none.before(...found.flat());
  }

  clicked(event) {
    const button = event.target.closest("button.reply");
    if (!button) return;
    event.preventDefault();
    const reply = button.querySelector(".reply-text").textContent;
    const written = this.text.value.trimEnd();
    this.text.value = written ? `${written}\n${reply}` : reply;
    this.box.open = false;
    this.changed();
    this.showGap(written.length);
  }

  showGap(from) {
    const gap = /【[^【】]{1,12}？】/.exec(this.text.value.slice(from));
    this.text.focus();
    const start = gap ? from + gap.index : this.text.value.length;
    this.text.setSelectionRange(start, gap ? start + gap[0].length : start);
    this.text.scrollTop = this.text.scrollHeight;
  }
}

// The same rules as on the server: 0 in the title, 1 in the reply, -1 nowhere.
function rank(keys, pieces) {
  if (pieces.every((piece) => keys.title.includes(piece))) return 0;
  return pieces.every((piece) => isIn(piece, keys)) ? 1 : -1;
}

function isIn(piece, keys) {
  if (keys.text.includes(piece)) return true;
  if (!/^[\x00-\x7f]+$/.test(piece)) return false;
  if (piece.length >= 2 && keys.initials.includes(piece)) return true;
  return piece.length >= 4 && keys.sounds.includes(piece.replace(/([zcs])h|ng/g, (all) => all[0]));
}
