// The site's only script. Pages read well without it: it shows the controls that need it.
"use strict";

const root = document.documentElement;
const remembered = {
  get: () => { try { return localStorage.getItem("journal-theme") || ""; } catch { return ""; } },
  set: (theme) => { try { localStorage.setItem("journal-theme", theme); } catch { /* refused */ } },
};

function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

// At once, while the head is read: no flash of the other theme.
setTheme(remembered.get());
root.classList.add("js");

document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".tools").hidden = false;
  installTheme(document.getElementById("theme"));
  installContents(document.querySelector(".contents"));
  document.querySelectorAll("table[data-sortable]").forEach(installSorting);
  installFrames(document.querySelectorAll(".scroll"));
  installSearch(document.querySelector(".search"));
});

function installTheme(select) {
  select.value = remembered.get();
  select.addEventListener("change", () => {
    setTheme(select.value);
    remembered.set(select.value);
  });
}

// Contents: open beside the page where there is room, the section being read marked.
function installContents(nav) {
  const details = nav.querySelector("details");
  const beside = matchMedia("(min-width: 64rem)");
  const fold = () => { details.open = beside.matches; };
  beside.addEventListener("change", fold);
  fold();
  const links = [...nav.querySelectorAll("a")];
  const targets = links.map((link) => document.getElementById(link.hash.slice(1)));
  let current = null, waiting = false;

  function mark() {
    waiting = false;
    const atEnd = scrollY > 0 && scrollY + innerHeight >= root.scrollHeight - 2;
    const above = targets.filter((target) => target.getBoundingClientRect().top < 120);
    const link = links[(atEnd ? targets : above).length - 1] || null;
    if (link === current) return;
    if (current) current.removeAttribute("aria-current");
    current = link;
    if (!link) return;
    link.setAttribute("aria-current", "location");
    if (beside.matches) keepInView(nav, link);
  }
  const later = () => {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  };
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later);
  links.forEach((link) => link.addEventListener("click", () => { if (!beside.matches) details.open = false; }));
  mark();
}

function keepInView(box, item) {
  const outer = box.getBoundingClientRect(), inner = item.getBoundingClientRect();
  if (inner.top < outer.top + 40 || inner.bottom > outer.bottom - 40) {
    box.scrollTop += inner.top - outer.top - outer.height / 2;
  }
}

// Long tables are sorted by the button of each heading; dashes stay last.
function installSorting(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      sortRows(table.tBodies[0], column, down ? -1 : 1);
    });
  });
}

function sortRows(body, column, direction) {
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const keyed = [...body.rows].map((row) => {
    const text = row.cells[column].textContent.trim();
    return { row, text, number: writtenNumber(text) };
  });
  const absent = (item) => item.text === "—" || item.text === "";
  keyed.sort((a, b) => {
    if (absent(a) || absent(b)) return absent(a) - absent(b);
    const both = a.number !== null && b.number !== null;
    return direction * (both ? a.number - b.number : words.compare(a.text, b.text));
  });
  body.append(...keyed.map((item) => item.row));
}

// « 1 234,5 % » -> 1234.5, « −0,2 % à 1,3 % » -> -0.2; in English 1,234.5% -> 1234.5; null where the
// text begins with no number.
function writtenNumber(text) {
  const french = document.documentElement.lang === "fr";
  const plain = french ? text.replace(/\s/g, "").replace(",", ".") : text.replace(/,/g, "");
  const found = /^[-+]?\d+(\.\d+)?(?![\w.])/.exec(plain.replace("−", "-"));
  return found && Number(found[0]);
}

// A frame takes the keyboard's focus only while it has something to scroll.
function installFrames(frames) {
  const fit = (frame) => {
    if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  };
  const observer = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target)));
  frames.forEach((frame) => observer.observe(frame));
}

// Search: every word, whatever its accents, in a section of any page.
function installSearch(box) {
  const input = box.querySelector("input");
  const found = box.querySelector(".found");
  const list = box.querySelector("[role=listbox]");
  const status = box.querySelector("[role=status]");
  let sections = null, active = -1;

  function load() {
    if (sections) return;
    sections = [];
    const script = document.createElement("script");
    script.src = "search.js";
    script.addEventListener("load", () => {
      sections = journalIndex.sections.map(([page, anchor, heading, text]) => {
        const [file, title] = journalIndex.pages[page];
        return { file, title, anchor, heading, text, head: fold(heading || title), body: fold(text) };
      });
      show();
    });
    document.head.append(script);
  }

  function show() {
    const words = fold(input.value).text.split(/\s+/).filter(Boolean);
    const hits = words.length ? search(sections || [], words).slice(0, 12) : [];
    list.replaceChildren(...hits.map((hit, index) => option(hit, words, index)));
    list.hidden = !hits.length;
    found.hidden = !words.length;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    const { one, many, none } = box.dataset;
    const count = hits.length > 1 ? many.replace("{}", hits.length) : one;
    status.textContent = hits.length ? count : none.replace("{}", () => input.value.trim());
    status.classList.toggle("hidden", hits.length > 0);
    activate(-1);
  }

  function activate(index) {
    active = index; // -1: none
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    const item = list.children[index];
    if (!item) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  function close() {
    found.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  }

  input.addEventListener("focus", load);
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (event.key === "ArrowDown") activate(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp") activate(active <= 0 ? last : active - 1);
    else if (event.key === "Enter") list.children[Math.max(active, 0)]?.click();
    else if (event.key === "Escape") { if (found.hidden) input.value = ""; close(); }
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the input's focus
  list.addEventListener("click", (event) => { if (event.target.closest("a")) close(); });
  box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) close(); });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });
}

function search(sections, words) {
  const score = (section) => {
    let total = 0;
    for (const word of words) {
      const inHead = section.head.text.includes(word), inBody = section.body.text.includes(word);
      if (!inHead && !inBody) return 0;
      total += (inHead ? 10 : 0) + (inBody ? 1 : 0);
    }
    return total;
  };
  return sections
    .map((section) => ({ section, score: score(section) }))
    .filter((hit) => hit.score)
    .sort((a, b) => b.score - a.score) // stable: the days come before the notebooks
    .map((hit) => hit.section);
}

function option(section, words, index) {
  const item = document.createElement("a");
  item.id = `resultat-${index}`;
  item.setAttribute("role", "option");
  item.tabIndex = -1;
  item.href = section.file + (section.anchor && `#${section.anchor}`);
  const parts = [["strong", section.heading || section.title], ["span", section.title]];
  for (const [tag, text] of parts) {
    const part = item.appendChild(document.createElement(tag));
    part.textContent = text;
  }
  item.append(excerpt(section, words));
  return item;
}

// The words around the first match, matches marked.
function excerpt(section, words) {
  const { text: folded, at } = section.body;
  const first = Math.max(0, Math.min(...words.map((w) => folded.indexOf(w)).filter((i) => i >= 0), folded.length));
  const from = first < folded.length ? Math.max(0, first - 50) : 0;
  const part = document.createElement("p");
  let done = at[from] || 0;
  const end = at[Math.min(from + 160, at.length - 1)] || 0;
  if (done) part.append("… ");
  const pattern = new RegExp(words.map((w) => w.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|"), "gu");
  for (const match of folded.slice(from, from + 160).matchAll(pattern)) {
    const start = at[from + match.index], stop = at[from + match.index + match[0].length] ?? section.text.length;
    part.append(section.text.slice(done, start));
    part.appendChild(document.createElement("mark")).textContent = section.text.slice(start, stop);
    done = stop;
  }
  part.append(section.text.slice(done, Math.max(done, end)), " …");
  return part;
}

// Lower case without accents or ligatures, and where each letter stood in the text.
function fold(original) {
  const at = [];
  let text = "";
  for (let i = 0; i < original.length; i++) {
    const plain = original[i].normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
      .replace("œ", "oe").replace("æ", "ae").replace("’", "'").replace(/\s/, " ");
    for (const letter of plain) { text += letter; at.push(i); }
  }
  return { text, at };
}
