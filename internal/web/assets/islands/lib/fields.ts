// Fields: character counters, fields that depend on another answer, lists that
// can be narrowed by typing, and the speech hint of the say-box.
import { all, later, once, put } from "./dom";

export function fields(root: ParentNode): void {
  all<HTMLTextAreaElement>("[data-count]", root).forEach(counter);
  all<HTMLElement>("[data-when]", root).forEach(depends);
  all<HTMLInputElement>("[data-filter]", root).forEach(narrow);
  all<HTMLButtonElement>("[data-speak]", root).forEach(speak);
}

function counter(box: HTMLTextAreaElement): void {
  const place = document.getElementById(box.dataset.count || "");
  if (!place || !once(box, "count")) return;
  const max = Number(box.dataset.max);
  const show = (): void => {
    const n = Array.from(box.value.trim()).length;
    place.textContent = put(box.dataset.text, n, max);
    place.classList.toggle("over", n > max);
  };
  box.addEventListener("input", show);
  show();
}

function depends(box: HTMLElement): void {
  const form = box.closest("form");
  const name = box.dataset.when;
  if (!form || !name || !once(box, "when")) return;
  const wanted = (box.dataset.values || "").split("|");
  const show = (): void => {
    const answers = new FormData(form).getAll(name).map(String);
    box.hidden = !answers.some((a) => wanted.includes(a));
  };
  form.addEventListener("change", show);
  form.addEventListener("reset", () => window.setTimeout(show));
  show();
}

// narrow: typing in the box leaves the options whose words or initials contain
// it, and chooses the first of them in a select.
function narrow(box: HTMLInputElement): void {
  const target = document.getElementById(box.dataset.filter || "");
  if (!target || !once(box, "filter")) return;
  box.hidden = false;
  box.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.isComposing) e.preventDefault();
  });
  const hits = (e: HTMLElement, q: string): boolean =>
    (e.textContent + " " + (e.dataset.find || "") + " " + (e instanceof HTMLOptionElement ? e.value : "")).toLowerCase().includes(q);
  if (target instanceof HTMLSelectElement) {
    const options = Array.from(target.options).map((o) => ({ o, parent: o.parentElement as HTMLElement }));
    box.addEventListener("input", later(60, () => {
      const q = box.value.trim().toLowerCase();
      for (const { o, parent } of options) {
        if (!o.value || hits(o, q)) parent.append(o);
        else o.remove();
      }
      if (q) {
        const first = Array.from(target.options).find((o) => o.value);
        target.value = first ? first.value : "";
        target.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }));
    return;
  }
  box.addEventListener("input", later(60, () => {
    const q = box.value.trim().toLowerCase();
    for (const row of all<HTMLElement>("label", target)) {
      row.hidden = !hits(row, q) && !row.querySelector<HTMLInputElement>("input")?.checked;
    }
  }));
}

// speak: there is no speech service of our own; the button brings up the phone's
// keyboard, which has a microphone, and says so.
function speak(button: HTMLButtonElement): void {
  const box = document.getElementById(button.dataset.speak || "");
  const hint = document.getElementById(button.dataset.hint || "");
  if (!box || !once(button, "speak")) return;
  button.hidden = false;
  if (hint) hint.hidden = true;
  button.addEventListener("click", () => {
    box.focus();
    if (hint) hint.hidden = false;
  });
}
