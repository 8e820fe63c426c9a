"use strict";
(() => {
  const root = document.documentElement, { say, told, count: written } = MoneyWords;
  root.classList.add("scripted");
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  const theme = document.getElementById("theme");
  if (theme) theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // Tables: sort by number where the cell says by what, else as a person would sort text.
  const words = new Intl.Collator(root.lang, { numeric: true });
  const by = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.by === undefined ? cell.textContent : cell.dataset.by;
  };
  const compared = (one, other) => {
    const a = Number(one), b = Number(other);
    return one !== "" && other !== "" && !Number.isNaN(a) && !Number.isNaN(b) ? a - b : words.compare(one, other);
  };
  const sort = (button) => {
    const head = button.closest("th"), table = head.closest("table"), column = head.cellIndex;
    const down = head.getAttribute("aria-sort") === "ascending";
    all("th", table).forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows].sort((a, b) => (down ? -1 : 1) * compared(by(a, column), by(b, column)));
    table.tBodies[0].append(...rows);
  };

  // A cell that begins like a formula would be run by a spreadsheet.
  const plain = (text) => {
    const line = text.replace(/[\t\r\n]+/g, " ").trim();
    return /^[=+\-@]/.test(line) ? "'" + line : line;
  };
  const copy = async (button) => {
    const block = button.closest(".table"), said = block.querySelector("[data-said]");
    const rows = all("tr", block).filter((row) => !row.hidden);
    const text = rows.map((row) => [...row.cells].map((cell) => plain(cell.textContent)).join("\t")).join("\n");
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    said.textContent = told("{count} row copied", "{count} rows copied", rows.length - 1);
  };

  const narrow = (input) => {
    const wanted = input.value.trim().toLowerCase();
    all("tbody tr", input.closest(".table")).forEach((row) => {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && "sort" in button.dataset) sort(button);
    if (button && "copy" in button.dataset) copy(button);
    const node = event.target.closest("svg.network .node");
    const picture = event.target.closest("svg.network");
    if (picture) pick(picture, node ? node.dataset.name : null);
  });
  document.addEventListener("input", (event) => {
    if ("find" in event.target.dataset) narrow(event.target);
  });

  // Picture: a click on an account keeps its own arrows and dims the rest.
  const pick = (picture, name) => {
    const same = picture.dataset.picked === name;
    picture.classList.toggle("picked", name !== null && !same);
    picture.dataset.picked = same || name === null ? "" : name;
    const near = new Set([name]);
    all(".arrow, .label", picture).forEach((arrow) => {
      const on = arrow.dataset.from === name || arrow.dataset.to === name;
      arrow.classList.toggle("on", on);
      if (on) near.add(arrow.dataset.from).add(arrow.dataset.to);
    });
    all(".node", picture).forEach((node) => node.classList.toggle("on", near.has(node.dataset.name)));
  };

  // The queue: find by any word in an alert, show by tier, open all.
  const alerts = all(".alert"), find = document.getElementById("find"), count = document.getElementById("count");
  if (find) {
    const groups = all(".pieces"), texts = new Map();
    const textOf = async (alert) => {
      if (!texts.has(alert)) {
        const folded = alert.querySelector("script.folded");
        const inside = folded ? (await unpacked(folded)).replace(/<[^>]*>/g, " ") : "";
        texts.set(alert, `${alert.querySelector("summary").textContent} ${alert.querySelector(".body").textContent} ${inside}`.toLowerCase());
      }
      return texts.get(alert);
    };
    let asked = 0;
    const filter = async () => {
      const mine = ++asked, wanted = find.value.trim().toLowerCase();
      const tiers = new Set(all("[data-tier]:checked").map((box) => box.dataset.tier));
      const fits = await Promise.all(alerts.map(async (alert) =>
        tiers.has(alert.dataset.tier) && (wanted === "" || (await textOf(alert)).includes(wanted))));
      // Somebody who types on has asked for something else by now.
      if (mine !== asked) return;
      alerts.forEach((alert, place) => { alert.hidden = !fits[place]; });
      groups.forEach((group) => {
        group.hidden = !group.querySelector(".alert:not([hidden])");
        if (wanted !== "" && !group.hidden) group.open = true;
      });
      const shown = fits.filter(Boolean).length;
      count.textContent = shown === alerts.length ? "" : say("{count} of {all} alerts shown", { count: written(shown), all: written(alerts.length) });
    };
    find.addEventListener("input", filter);
    all("input[data-tier]").forEach((box) => box.addEventListener("change", filter));
    const openAll = document.getElementById("open-all");
    openAll.addEventListener("click", () => {
      const open = openAll.textContent === say("Open all");
      groups.forEach((group) => { group.open = open; });
      alerts.forEach((alert) => { alert.querySelector("details").open = open; });
      openAll.textContent = open ? say("Close all") : say("Open all");
    });
    document.getElementById("print-all").addEventListener("click", async () => {
      await Promise.all(alerts.map(unfold));
      groups.forEach((group) => { group.open = true; });
      alerts.forEach((alert) => { alert.querySelector("details").open = true; });
      openAll.textContent = say("Close all");
      print();
    });
  }

  // Alerts after the first few come packed: the page's own escaped HTML, made small. Nothing is asked of a network.
  async function unpacked(folded) {
    const letters = atob(folded.textContent), bytes = new Uint8Array(letters.length);
    for (let place = 0; place < letters.length; place++) bytes[place] = letters.charCodeAt(place);
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  }
  async function unfold(alert) {
    const folded = alert.querySelector("script.folded");
    if (!folded) return;
    const inside = await unpacked(folded);
    if (!folded.isConnected) return;
    alert.querySelector(".body").innerHTML = inside;
    folded.remove();
  }
  alerts.forEach((alert) => alert.querySelector("details").addEventListener("toggle", () => unfold(alert)));

  // A link to an alert opens it.
  const arrive = () => {
    const target = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    if (!target || !target.classList.contains("alert")) return;
    const group = target.closest(".pieces");
    if (group) group.open = true;
    target.querySelector("details").open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", arrive);
  arrive();
})();
