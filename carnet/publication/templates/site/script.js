// The site's only script. Pages read well without it: it shows the controls that need it.
"use strict";

const root = document.documentElement;
const all = (selector, box = document) => [...box.querySelectorAll(selector)];
const make = (tag, about) => Object.assign(document.createElement(tag), about);
const say = (name) => document.body.dataset[name];
const remembered = {
  get: (name) => { try { return localStorage[`journal-${name}`] || ""; } catch { return ""; } },
  set: (name, value) => { try { localStorage[`journal-${name}`] = value; } catch { /* refused */ } },
};

// At once, while the head is read: no flash of the other theme.
const setTheme = (theme) => { root.dataset.theme = theme; };
setTheme(remembered.get("theme"));

document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".tools").hidden = false;
  for (const [selector, install] of [
    ["#_theme", installTheme], [".site", installHeader], [".fold-all", installFolds],
    [".contents", installContents], ["table[data-sortable]", installSorting], [".viewer", installViewer],
    [".choices", installChoices], [".highlight pre", installCopying], [".search", installSearch],
  ]) all(selector).forEach(install);
  const frames = new ResizeObserver((entries) => entries.forEach(fitFrame));
  all(".scroll").forEach((frame) => frames.observe(frame));
});

function installTheme(select) {
  select.value = remembered.get("theme");
  select.onchange = () => {
    setTheme(select.value);
    remembered.set("theme", select.value);
  };
}

// What an anchor leads to is not hidden by the bar on top, however many lines it has.
function installHeader(header) {
  new ResizeObserver(() => {
    const fixed = getComputedStyle(header).position === "sticky";
    root.style.setProperty("--bar", `${fixed ? header.offsetHeight : 0}px`);
  }).observe(header);
}

// A frame takes the keyboard's focus only while it has something to scroll.
function fitFrame({ target }) {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  else target.removeAttribute("tabindex");
}

// The sections of a long day are folded to the main lines; all are there, for searches and links.
function installFolds(button) {
  const short = document.body.scrollHeight < 4 * innerHeight;
  const isFolded = (section) => section.matches(".folded");
  const set = (section, open) => {
    section.classList.toggle("folded", !open);
    section.scrollTop = 0;
    section.previousElementSibling.firstElementChild.ariaExpanded = open;
  };
  const sections = all("main > h3").map((heading) => {
    const section = make("div", { className: "section" });
    section.dataset.more = say("more");
    while (heading.nextElementSibling?.matches(":not(h2, h3, .footnotes, .provenance, .turn)")) section.append(heading.nextElementSibling);
    heading.after(section);
    const onclick = () => set(section, isFolded(section));
    heading.prepend(make("button", { type: "button", className: "fold", ariaLabel: say("section"), onclick }));
    // Whatever enters what is folded unfolds it: the focus, a click, the browser's own search.
    for (const entered of ["focusin", "click", "scroll"]) section.addEventListener(entered, () => { if (isFolded(section)) set(section, true); }, true);
    return section;
  });
  const setAll = (open) => {
    sections.forEach((section) => set(section, open));
    button.textContent = say(open ? "fold" : "unfold");
  };
  const reveal = (hash) => {
    const target = document.getElementById(decodeURIComponent(hash.slice(1)));
    const section = target?.closest(".section") || target?.matches("h3") && target.nextElementSibling;
    if (section) set(section, true);
    target?.closest("details")?.setAttribute("open", "");
    return target;
  };
  const arrive = () => reveal(location.hash)?.scrollIntoView({ behavior: "instant" });
  addEventListener("hashchange", arrive);
  document.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href^='#']");
    if (link) reveal(link.hash);
  });
  button.hidden = sections.length < 2;
  button.onclick = () => {
    const open = sections.some(isFolded);
    setAll(open);
    remembered.set("folds", open ? "open" : "");
  };
  setAll(short || remembered.get("folds") === "open" || sections.length < 2);
  if (location.hash) arrive();
}

// Figures open large, one after the other; the browser's own pinch zooms.
function installViewer(dialog) {
  const links = all("figure > .image");
  const [stage, zoom, caption, count] = [".stage", ".zoom", ".caption", ".count"].map((part) => dialog.querySelector(part));
  let at = 0;
  const enlarge = (on) => { zoom.ariaPressed = dialog.classList.toggle("large", on); };
  const show = (index) => {
    at = (index + links.length) % links.length;
    const { alt, className } = links[at].firstElementChild;
    stage.replaceChildren(make("img", { src: links[at].href, alt, className, onclick: () => enlarge() }));
    caption.replaceChildren(...links[at].parentElement.querySelector("figcaption")?.cloneNode(true).childNodes || []);
    count.textContent = `${at + 1} / ${links.length}`;
    enlarge(false);
  };
  links.forEach((link, index) => link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(index);
    dialog.showModal();
    stage.focus();
  }));
  dialog.onclick = ({ target }) => {
    if (target.dataset.step) show(at + Number(target.dataset.step));
    else if (target === zoom) enlarge();
    else if (target === dialog || target.closest(".close, a")) dialog.close();
  };
  dialog.onclose = () => links[at].focus();
  dialog.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || dialog.matches(".large")) return; // a large figure scrolls
    event.preventDefault();
    show(at + step);
  };
}

// Menus of a figure: each combination was drawn by the build.
function installChoices(box) {
  const figure = box.parentElement, link = figure.querySelector(".image"), image = link.firstElementChild;
  const menus = all("select", box), alts = JSON.parse(box.dataset.alts);
  const first = { src: image.getAttribute("src"), alt: image.alt, className: image.className };
  box.hidden = false;
  box.onchange = () => {
    const key = menus.map((menu) => menu.selectedIndex).join("-");
    const file = [`${key}.svg`, `${key}.webp`].find((name) => name in alts);
    const other = { src: `images/${figure.id}/${file}`, alt: alts[file], className: file?.endsWith(".svg") ? "drawn" : "" };
    image.removeAttribute("height");
    Object.assign(image, file ? other : first);
    link.href = image.src;
    figure.querySelector(".here").hidden = true;
  };
}

// Code is copied whole.
function installCopying(pre) {
  if (!navigator.clipboard) return;
  const button = make("button", { type: "button", className: "copy", textContent: say("copy") });
  button.onclick = async () => {
    await navigator.clipboard.writeText(pre.textContent);
    button.textContent = say("copied");
    setTimeout(() => { button.textContent = say("copy"); }, 2000);
  };
  pre.after(button);
}

// Contents: the section being read is marked.
function installContents(nav) {
  const links = all("a", nav);
  const targets = links.map((link) => document.getElementById(link.hash.slice(1)));
  let current = null, waiting = false;
  const mark = () => {
    waiting = false;
    const atEnd = scrollY > 0 && scrollY + innerHeight >= root.scrollHeight - 2;
    const above = targets.findLastIndex((target) => !target.closest(".folded") && target.getBoundingClientRect().top < 120);
    const link = links[atEnd ? links.length - 1 : above];
    if (link === current) return;
    current?.removeAttribute("aria-current");
    current = link;
    link?.setAttribute("aria-current", "location");
    if (link) nav.scrollTop = link.offsetTop - nav.clientHeight / 2;
  };
  const later = () => {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  };
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later);
  nav.addEventListener("click", ({ target }) => { if (target.closest("a")) nav.firstElementChild.open = false; });
  mark();
}

// Long tables are sorted by the button of each heading; dashes stay last.
function installSorting(table) {
  const headings = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  const words = new Intl.Collator(root.lang, { numeric: true });
  headings.forEach((heading, column) => {
    const button = make("button", { type: "button" });
    button.append(...heading.childNodes);
    heading.append(button);
    button.onclick = () => {
      const direction = heading.ariaSort === "ascending" ? -1 : 1;
      headings.forEach((other) => { other.ariaSort = null; });
      heading.ariaSort = direction > 0 ? "ascending" : "descending";
      const keyed = [...body.rows].map((row) => {
        const text = row.cells[column].textContent.trim();
        return { row, text, number: writtenNumber(text), absent: ["—", ""].includes(text) };
      });
      keyed.sort((a, b) => a.absent - b.absent || direction * (
        a.number === null || b.number === null ? words.compare(a.text, b.text) : a.number - b.number));
      body.append(...keyed.map(({ row }) => row));
    };
  });
}

// « 1 234,5 % » -> 1234.5, « −0,2 % à 1,3 % » -> -0.2; in English 1,234.5% -> 1234.5; null where the
// text begins with no number.
function writtenNumber(text) {
  const plain = root.lang === "fr" ? text.replace(/\s/g, "").replace(",", ".") : text.replaceAll(",", "");
  const found = /^[-+]?\d+(\.\d+)?(?![\w.])/.exec(plain.replace("−", "-"));
  return found && Number(found[0]);
}

// Search: every word, whatever its accents, in a section of any page; a word that is nowhere stands
// for those that differ from it by one letter.
function installSearch(box) {
  const input = box.querySelector("input"), found = box.querySelector(".found");
  const list = box.querySelector("[role=listbox]"), status = box.querySelector("[role=status]");
  let sections = null, active = -1;

  function load() {
    if (sections) return;
    sections = [];
    document.head.append(make("script", { src: "search.js", onload: () => {
      sections = journalIndex.sections.map(([page, anchor, heading, text]) => {
        const [file, title] = journalIndex.pages[page];
        return { href: file + (anchor && `#${anchor}`), title, heading: heading || title, text, head: fold(heading || title), body: fold(text) };
      });
      show();
    } }));
  }

  function show() {
    const typed = fold(input.value).split(" ").filter(Boolean);
    const words = typed.map((word) => spelled(word, sections || []));
    const hits = typed.length ? search(sections || [], words, typed.join(" ")).slice(0, 12) : [];
    const marked = pattern(words.flat());
    list.replaceChildren(...hits.map((hit, index) => option(hit, marked, index)));
    list.hidden = !hits.length;
    found.hidden = !typed.length;
    input.ariaExpanded = hits.length > 0;
    const { one, many, none } = box.dataset;
    status.textContent = hits.length > 1 ? many.replace("{}", hits.length) : hits.length ? one : none.replace("{}", () => input.value.trim());
    status.classList.toggle("hidden", hits.length > 0);
    activate(-1);
  }

  function activate(index) {
    active = index; // -1: none
    [...list.children].forEach((item, i) => { item.ariaSelected = i === index; });
    input.setAttribute("aria-activedescendant", list.children[index]?.id || "");
    list.children[index]?.scrollIntoView({ block: "nearest" });
  }

  function close() {
    found.hidden = true;
    input.ariaExpanded = false;
    activate(-1);
  }

  input.onfocus = load;
  input.oninput = show;
  input.onkeydown = (event) => {
    const last = list.children.length - 1;
    if (event.key === "ArrowDown") activate(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp") activate(active <= 0 ? last : active - 1);
    else if (event.key === "Enter") list.children[Math.max(active, 0)]?.click();
    else if (event.key === "Escape") { if (found.hidden) input.value = ""; close(); }
    else return;
    event.preventDefault();
  };
  list.onmousedown = (event) => event.preventDefault(); // keep the input's focus
  list.onclick = (event) => { if (event.target.closest("a")) close(); };
  box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) close(); });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });
}

// Lower case without accents, ligatures or spaces inside numbers.
function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/(?<=\d)[\u00a0\u202f](?=\d)/g, "")
    .replaceAll("œ", "oe").replaceAll("æ", "ae").replaceAll("’", "'").replace(/\s+/g, " ");
}

// The words that a word stands for: itself where a section holds it.
function spelled(word, sections) {
  if (word.length < 4 || sections.some(({ head, body }) => head.includes(word) || body.includes(word))) return [word];
  const known = new Set(sections.flatMap(({ head, body }) => `${head} ${body}`.match(/[\p{L}\d]{3,}/gu) || []));
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
  const score = ({ head, body }) => {
    let total = head === typed ? 100 : 0;
    for (const variants of words) {
      const inHead = variants.some((word) => head.includes(word)), inBody = variants.some((word) => body.includes(word));
      if (!inHead && !inBody) return 0;
      total += 10 * inHead + inBody;
    }
    return total;
  };
  return sections.map((section) => [score(section), section]).filter(([total]) => total)
    .sort(([a], [b]) => b - a).map(([, section]) => section); // stable: the days come before the notebooks
}

function option({ href, title, heading, text }, marked, index) {
  const item = make("a", { id: `resultat-${index}`, role: "option", tabIndex: -1, href });
  item.append(make("strong", { textContent: heading }), make("span", { textContent: title }), excerpt(text, marked));
  return item;
}

// What finds folded words in a text as it is written.
function pattern(words) {
  const others = [..."’", ...Array.from({ length: 192 }, (_, i) => String.fromCharCode(192 + i))]; // À to ſ
  const loose = (letter) => `[${others.filter((other) => fold(other) === letter).join("")}${letter.replace(/[\\\]^-]/, "\\$&")}]`;
  const written = words.map((word) => [...word].map(loose).join("[\u00a0\u202f]?"));
  return new RegExp(`(${written.join("|")})`, "iu");
}

// The words around the first match, matches marked.
function excerpt(text, marked) {
  const from = Math.max(0, text.search(marked) - 50);
  const parts = text.slice(from, from + 160).split(marked);
  const shown = parts.map((part, i) => i % 2 ? make("mark", { textContent: part }) : part);
  const paragraph = make("p");
  paragraph.append(from ? "… " : "", ...shown, " …");
  return paragraph;
}
