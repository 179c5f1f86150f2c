// Suggest: a box that asks its server for names while one types, as a combobox of
// WAI-ARIA with a list of its own: arrows move, Enter takes, Escape closes. What
// is typed goes out as the body of a POST, so that no address gets into a log.
// Without scripts the box is a plain text field.
import { all, announce, later, once, put } from "./dom";
import { tell } from "./place";

type Suggestion = { text: string; area?: string; unit?: string; lon?: number; lat?: number };

export function suggestions(root: ParentNode): void {
  all<HTMLInputElement>("input[data-suggest]", root).forEach(combobox);
}

function combobox(box: HTMLInputElement): void {
  if (!once(box, "suggest")) return;
  const list = document.createElement("ul");
  list.id = box.id + "-s";
  list.className = "combo";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.dataset.label || "");
  box.after(list);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");
  box.autocomplete = "off";
  let known: Suggestion[] = [];
  let asked = "";
  let on = -1;
  let ticket = 0;

  const close = (): void => {
    list.hidden = true;
    on = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const mark = (i: number): void => {
    on = i;
    all<HTMLElement>("[role=option]", list).forEach((o, n) => {
      o.setAttribute("aria-selected", String(n === i));
      if (n === i) {
        box.setAttribute("aria-activedescendant", o.id);
        o.scrollIntoView({ block: "nearest" });
      }
    });
    if (i < 0) box.removeAttribute("aria-activedescendant");
  };
  const take = (i: number): void => {
    const s = known[i];
    if (!s) return;
    close();
    asked = box.value = s.text;
    const unit = document.getElementById(box.dataset.unit || "") as HTMLSelectElement | null;
    if (unit && s.unit && Array.from(unit.options).some((o) => o.value === s.unit)) unit.value = s.unit;
    const area = document.querySelector<HTMLElement>(`[data-place="${box.id}"] [data-area]`);
    if (area && s.area) area.textContent = s.area;
    if (s.lon !== undefined && s.lat !== undefined && document.querySelector(`[data-lon="${box.id}"]`)) tell({ id: box.id, lon: s.lon, lat: s.lat, from: "address" });
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const show = (): void => {
    list.replaceChildren(...known.map((s, i) => {
      const o = document.createElement("li");
      o.id = `${list.id}-${i}`;
      o.setAttribute("role", "option");
      o.setAttribute("aria-selected", "false");
      const b = document.createElement("b");
      const small = document.createElement("small");
      b.textContent = s.text;
      small.textContent = s.area || "";
      o.append(b, " ", small);
      o.addEventListener("pointerdown", (e) => e.preventDefault()); // the focus stays in the box
      o.addEventListener("click", () => take(i));
      return o;
    }));
    list.hidden = known.length === 0;
    box.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
    if (known.length) announce(put(box.dataset.found, known.length));
  };
  const ask = later(180, async () => {
    const q = box.value.trim();
    if (!q || q.length > 40) return close();
    if (q === asked) return;
    asked = q;
    const mine = ++ticket;
    try {
      const answer = await fetch(box.dataset.suggest || "", { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ q }) });
      if (mine !== ticket || document.activeElement !== box) return;
      known = answer.ok ? await answer.json() : [];
    } catch (_) {
      return; // no network: the address can be typed in full
    }
    show();
  });
  box.addEventListener("input", (e) => {
    if (!(e as InputEvent).isComposing) ask();
  });
  box.addEventListener("compositionend", () => ask());
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229 || e.ctrlKey || e.metaKey || e.altKey && e.key !== "ArrowDown") return;
    const open = !list.hidden;
    switch (e.key) {
      case "ArrowDown":
      case "ArrowUp": {
        if (!open && !known.length) return;
        if (!open) show();
        const n = known.length;
        mark(e.key === "ArrowDown" ? (on + 1) % n : (on <= 0 ? n : on) - 1);
        break;
      }
      case "Enter":
        if (!open || on < 0) return;
        take(on);
        break;
      case "Escape":
        if (!open) return;
        close();
        break;
      default:
        return;
    }
    e.preventDefault();
    e.stopPropagation();
  });
}
