// The site's only script. Pages read well without it: it shows the controls that need it.
"use strict";

const root = document.documentElement;
const remembered = {
  get: (name) => { try { return localStorage.getItem(`journal-${name}`) || ""; } catch { return ""; } },
  set: (name, value) => { try { localStorage.setItem(`journal-${name}`, value); } catch { /* refused */ } },
};

function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

// At once, while the head is read: no flash of the other theme.
setTheme(remembered.get("theme"));
root.classList.add("js");

document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".tools").hidden = false;
  for (const [selector, install] of [
    ["#_theme", installTheme], [".site", installHeader], [".fold-all", installFolds],
    [".contents", installContents], ["table[data-sortable]", installSorting], [".viewer", installViewer],
    [".choices", installChoices], [".highlight pre", installCopying], [".search", installSearch],
  ]) document.querySelectorAll(selector).forEach((found) => install(found));
  installFrames(document.querySelectorAll(".scroll"));
});

function installTheme(select) {
  select.value = remembered.get("theme");
  select.addEventListener("change", () => {
    setTheme(select.value);
    remembered.set("theme", select.value);
  });
}

// What an anchor leads to is not hidden by the bar on top, however many lines it has.
function installHeader(header) {
  new ResizeObserver(() => {
    const fixed = getComputedStyle(header).position === "sticky";
    const height = fixed ? header.offsetHeight : 0;
    root.style.scrollPaddingTop = `${height + 16}px`;
    root.style.setProperty("--bar", `${height}px`);
  }).observe(header);
}

// The sections of a long day are folded to the main lines; all are there, for searches and links.
function installFolds(all) {
  const short = document.body.scrollHeight < 4 * innerHeight;
  const headings = [...document.querySelectorAll("main > h3")];
  const set = (heading, open) => {
    const section = heading.nextElementSibling;
    section.classList.toggle("folded", !open);
    section.scrollTop = 0;
    heading.firstElementChild.setAttribute("aria-expanded", String(open));
  };
  const setAll = (open) => {
    headings.forEach((heading) => set(heading, open));
    all.textContent = document.body.dataset[open ? "fold" : "unfold"];
  };
  for (const heading of headings) {
    const section = document.createElement("div");
    section.className = "section";
    section.dataset.more = document.body.dataset.more;
    while (heading.nextElementSibling?.matches(":not(h2, h3, .footnotes, .provenance, .turn)")) section.append(heading.nextElementSibling);
    heading.after(section);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "fold";
    button.ariaLabel = document.body.dataset.section;
    button.addEventListener("click", () => set(heading, section.matches(".folded")));
    heading.prepend(button);
    // Whatever enters what is folded unfolds it: the focus, a click, the browser's own search.
    for (const entered of ["focusin", "click", "scroll"]) section.addEventListener(entered, () => { if (section.matches(".folded")) set(heading, true); }, true);
  }
  const reveal = (hash) => {
    const target = document.getElementById(decodeURIComponent(hash.slice(1)));
    const section = target?.closest(".section") || target?.matches("h3") && target.nextElementSibling;
    if (section) set(section.previousElementSibling, true);
    target?.closest("details")?.setAttribute("open", "");
    return target;
  };
  const arrive = () => reveal(location.hash)?.scrollIntoView({ behavior: "instant" });
  addEventListener("hashchange", arrive);
  document.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href^='#']");
    if (link) reveal(link.hash);
  });
  all.hidden = headings.length < 2;
  all.addEventListener("click", () => {
    const open = headings.some((heading) => heading.nextElementSibling.matches(".folded"));
    setAll(open);
    remembered.set("folds", open ? "open" : "");
  });
  setAll(short || remembered.get("folds") === "open" || headings.length < 2);
  if (location.hash) arrive();
}

// Figures open large, one after the other; the browser's own pinch zooms.
function installViewer(dialog) {
  const links = [...document.querySelectorAll("figure > .image")];
  const stage = dialog.querySelector(".stage"), zoom = dialog.querySelector(".zoom");
  let at = 0;
  const enlarge = (on) => {
    dialog.classList.toggle("large", on);
    zoom.setAttribute("aria-pressed", String(on));
  };
  const show = (index) => {
    at = (index + links.length) % links.length;
    const image = new Image();
    const small = links[at].querySelector("img");
    image.src = links[at].href;
    image.alt = small.alt;
    image.className = small.className;
    image.addEventListener("click", () => enlarge(!dialog.classList.contains("large")));
    stage.replaceChildren(image);
    const caption = links[at].parentElement.querySelector("figcaption")?.cloneNode(true);
    dialog.querySelector(".caption").replaceChildren(...(caption?.childNodes || []));
    dialog.querySelector(".count").textContent = `${at + 1} / ${links.length}`;
    enlarge(false);
  };
  links.forEach((link, index) => link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(index);
    dialog.showModal();
    stage.focus();
  }));
  dialog.querySelectorAll("[data-step]").forEach((button) => button.addEventListener("click", () => show(at + Number(button.dataset.step))));
  zoom.addEventListener("click", () => enlarge(zoom.getAttribute("aria-pressed") !== "true"));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest(".close, a")) dialog.close();
  });
  dialog.addEventListener("close", () => links[at].focus());
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || dialog.classList.contains("large")) return; // a large figure scrolls
    event.preventDefault();
    show(at + step);
  });
}

// Menus of a figure: each combination was drawn by the build.
function installChoices(box) {
  const figure = box.parentElement, link = figure.querySelector(".image"), image = link.firstElementChild;
  const menus = [...box.querySelectorAll("select")], alts = JSON.parse(box.dataset.alts);
  const first = { source: image.getAttribute("src"), alt: image.alt, drawn: image.className };
  box.hidden = false;
  box.addEventListener("change", () => {
    const key = menus.map((menu) => menu.selectedIndex).join("-");
    const file = [`${key}.svg`, `${key}.webp`].find((name) => name in alts);
    const other = { source: `images/${figure.id}/${file}`, alt: alts[file], drawn: file?.endsWith(".svg") ? "drawn" : "" };
    const { source, alt, drawn } = file ? other : first;
    image.removeAttribute("height");
    image.src = link.href = source;
    image.alt = alt;
    image.className = drawn;
    figure.querySelector(".here").hidden = true;
  });
}

// Code is copied whole.
function installCopying(pre) {
  if (!navigator.clipboard) return;
  const button = document.createElement("button");
  const say = (name) => { button.textContent = document.body.dataset[name]; };
  button.type = "button";
  button.className = "copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(pre.textContent);
    say("copied");
    setTimeout(say, 2000, "copy");
  });
  say("copy");
  pre.after(button);
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
    const above = targets.findLastIndex((target) => !target.closest(".folded") && target.getBoundingClientRect().top < 120);
    const link = links[atEnd ? links.length - 1 : above] || null;
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

// Search: every word, whatever its accents, in a section of any page; a word that is nowhere stands
// for those that differ from it by one letter.
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
    const typed = fold(input.value).text.split(/\s+/).filter(Boolean);
    const words = typed.map((word) => spelled(word, sections || []));
    const hits = words.length ? search(sections || [], words, typed.join(" ")).slice(0, 12) : [];
    list.replaceChildren(...hits.map((hit, index) => option(hit, words.flat(), index)));
    list.hidden = !hits.length;
    found.hidden = !typed.length;
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

// The words that a word stands for: itself where a section holds it.
function spelled(word, sections) {
  if (word.length < 4 || sections.some(({ head, body }) => head.text.includes(word) || body.text.includes(word))) return [word];
  const known = new Set(sections.flatMap(({ head, body }) => `${head.text} ${body.text}`.match(/[\p{L}\d]{3,}/gu) || []));
  const found = [...known].filter((other) => begins(other, word)).map((other) => other.slice(0, word.length + 1));
  return found.length ? [...new Set(found)] : [word];
}

// Whether a word begins as another does, but for one letter: another, missing, added, two exchanged.
function begins(word, typed) {
  let i = 0;
  while (i < typed.length && word[i] === typed[i]) i++;
  const after = (inWord, inTyped) => word.slice(i + inWord).startsWith(typed.slice(i + inTyped));
  return after(1, 1) || after(1, 0) || after(0, 1) || (word[i] === typed[i + 1] && word[i + 1] === typed[i] && after(2, 2));
}

function search(sections, words, typed) {
  const score = (section) => {
    let total = section.head.text === typed ? 100 : 0;
    for (const variants of words) {
      const inHead = variants.some((word) => section.head.text.includes(word));
      const inBody = variants.some((word) => section.body.text.includes(word));
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

// Lower case without accents, ligatures or spaces inside numbers, and where each letter stood.
function fold(original) {
  const at = [];
  let text = "";
  for (let i = 0; i < original.length; i++) {
    if (/^\d[\u00a0\u202f]\d/.test(original.slice(Math.max(i - 1, 0), i + 2))) continue;
    const plain = original[i].normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
      .replace("œ", "oe").replace("æ", "ae").replace("’", "'").replace(/\s/, " ");
    for (const letter of plain) { text += letter; at.push(i); }
  }
  return { text, at };
}
