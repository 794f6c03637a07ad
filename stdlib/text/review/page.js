"use strict";
(() => {
  const files = JSON.parse(document.getElementById("data").textContent);
  const list = document.getElementById("list");
  const counted = (number) => (number === 1 ? "1 file" : `${number} files`);
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const keys = document.getElementById("keys");
  let split = true;
  const boxes = [];

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const cell = (parts, className) => {
    const made = element("td", className);
    for (const part of parts) {
      if (typeof part === "string") made.append(part);
      else made.append(element("mark", "", part[0]));
    }
    return made;
  };

  const number = (line) => element("td", "number", line || "");

  const leftOut = (lines, columns) => {
    const row = element("tr", "left-out");
    const made = element("td", "", `${lines} ${lines === 1 ? "line" : "lines"} as before`);
    made.colSpan = columns;
    row.append(made);
    return row;
  };

  const twoColumns = (table, rows) => {
    for (const [kind, oldLine, oldParts, newLine, newParts] of rows) {
      if (kind === "@") { table.append(leftOut(oldLine, 4)); continue; }
      const row = element("tr");
      const hit = kind === "~";
      row.append(number(oldLine), cell(oldParts, hit && oldLine ? "old hit" : "old"));
      row.append(number(newLine), cell(newParts, hit && newLine ? "new hit" : "new"));
      table.append(row);
    }
  };

  const oneColumn = (table, rows) => {
    let waiting = [];
    const flush = () => { for (const row of waiting) table.append(row); waiting = []; };
    for (const [kind, oldLine, oldParts, newLine, newParts] of rows) {
      if (kind !== "~") flush();
      if (kind === "@") { table.append(leftOut(oldLine, 3)); continue; }
      if (kind === " ") {
        const row = element("tr");
        row.append(number(oldLine), number(newLine), cell(newParts, "new"));
        table.append(row);
        continue;
      }
      if (oldLine) {
        const row = element("tr");
        row.append(number(oldLine), number(0), cell(oldParts, "old hit"));
        table.append(row);
      }
      if (newLine) {
        const row = element("tr");
        row.append(number(0), number(newLine), cell(newParts, "new hit"));
        waiting.push(row);
      }
    }
    flush();
  };

  // A diff is drawn when it is opened first: a change of a thousand files opens at once.
  const draw = (box) => {
    box.body.replaceChildren();
    const table = element("table", "diff");
    const columns = element("colgroup");
    for (const kind of split ? ["number", "", "number", ""] : ["number", "number", ""]) columns.append(element("col", kind));
    table.append(columns);
    (split ? twoColumns : oneColumn)(table, box.file.rows);
    box.body.append(table);
  };

  const open = (box, isOpen) => {
    box.button.setAttribute("aria-expanded", String(isOpen));
    box.body.hidden = !isOpen;
    if (isOpen) draw(box); else box.body.replaceChildren();
  };

  const isOpen = (box) => box.button.getAttribute("aria-expanded") === "true";

  for (const [index, file] of files.entries()) {
    const outer = element("div", `file ${file.action}`);
    const button = element("button");
    button.type = "button";
    const body = element("div");
    body.id = `file-${index}`;
    body.hidden = true;
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", body.id);
    button.append(element("span", "path", file.path), element("span", "", file.action));
    button.append(element("span", "plus", `+${file.added}`), element("span", "minus", `−${file.removed}`));
    const box = { file, outer, button, body };
    button.addEventListener("click", () => open(box, !isOpen(box)));
    outer.append(button, body);
    list.append(outer);
    boxes.push(box);
  }

  const words = (parts) => parts.map((part) => (typeof part === "string" ? part : part[0])).join("");
  const holds = (file, wanted) =>
    file.path.toLowerCase().includes(wanted) ||
    file.rows.some((row) => (words(row[2]) + "\n" + words(row[4])).toLowerCase().includes(wanted));

  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    for (const box of boxes) {
      const hit = !wanted || holds(box.file, wanted);
      box.outer.hidden = !hit;
      if (hit) shown += 1;
    }
    count.textContent = wanted ? `${shown} of ${counted(boxes.length)}` : counted(boxes.length);
  };
  search.addEventListener("input", filter);
  filter();

  const visible = () => boxes.filter((box) => !box.outer.hidden);
  const all = document.getElementById("all");
  const toggleAll = () => {
    const openAll = all.textContent === "Open all";
    for (const box of visible()) open(box, openAll);
    all.textContent = openAll ? "Close all" : "Open all";
  };
  all.addEventListener("click", toggleAll);

  const columns = document.getElementById("columns");
  const toggleColumns = () => {
    split = !split;
    columns.textContent = split ? "One column" : "Two columns";
    for (const box of boxes) if (isOpen(box)) draw(box);
  };
  columns.addEventListener("click", toggleColumns);

  const keysButton = document.getElementById("keys-button");
  const showKeys = () => { keys.showModal(); keysButton.setAttribute("aria-expanded", "true"); };
  keysButton.addEventListener("click", showKeys);
  keys.addEventListener("close", () => keysButton.setAttribute("aria-expanded", "false"));

  const step = (by) => {
    const shown = visible();
    if (!shown.length) return;
    const at = shown.findIndex((box) => box.button === document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + by, 0), shown.length - 1);
    shown[next].button.focus();
    shown[next].outer.scrollIntoView({ block: "start" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (event.target === search) {
      if (event.key === "Escape") { search.value = ""; filter(); search.blur(); }
      return;
    }
    const actions = { "/": () => search.focus(), j: () => step(1), k: () => step(-1), e: toggleAll, u: toggleColumns, "?": showKeys };
    const action = actions[event.key];
    if (action) { event.preventDefault(); action(); }
  });

  // A few files are open from the start, so that a small change needs no click.
  if (boxes.length <= 5) for (const box of boxes) open(box, true);
})();
