// The moving picture of who paid whom: replay in time, open neighbours, fold, hide names, pin, take away as a file.
//
// It is drawn on a canvas from the facts that lie beside the still picture, and only when a reader asks for it; paper
// and readers without scripts keep the still one. Text from the data reaches the page as text, never as markup.
(() => {
  "use strict";
  const { say, count, told, fraction } = MoneyWords;
  const OPENED = 20, LISTED = 30, ROWS = 500, GLOW = 0.03, SECONDS = 14, BAND = 48, LINE = 20, HURRIED = 1200;
  const SPOTS = [0, 1, -1].flatMap((off) => [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82].map((share) => [share, off]));
  const SHAPES = { lead: "circle", account: "circle", outside: "diamond", place: "square", hub: "hexagon" };
  const KINDS = [["circle", say("account of the bank")], ["diamond", say("account elsewhere")], ["square", say("cash, shop, office")], ["hexagon", say("serves the public")]];

  const made = (tag, settings = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(settings)) {
      if (name in element && name !== "list") element[name] = value; else element.setAttribute(name, value);
    }
    element.append(...inside);
    return element;
  };
  const shortened = (text, most) => {
    if (text.length <= most) return text;
    const half = Math.floor((most - 1) / 2);
    return `${text.slice(0, most - 1 - half)}…${text.slice(-half)}`;
  };
  const MONTHS = [say("January"), say("February"), say("March"), say("April"), say("May"), say("June"), say("July"), say("August"), say("September"), say("October"), say("November"), say("December")];
  // Three letters tell the English months apart, and not those of every language.
  const LETTERS = document.documentElement.lang === "en" ? 3 : 4;
  const two = (number) => String(number).padStart(2, "0");
  const written = (seconds, hour = true) => {
    const at = new Date(seconds * 1000);
    return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}${hour ? `, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}` : ""}`;
  };
  const brief = (seconds, hour, year) => {
    const at = new Date(seconds * 1000);
    return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()].slice(0, LETTERS)}${year ? ` ${at.getUTCFullYear()}` : ""}${hour ? ` ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}` : ""}`;
  };
  const iso = (seconds, hour) => new Date(seconds * 1000).toISOString().slice(0, hour ? 16 : 10).replace("T", " ");

  // The room of a sheet that is taken, in cells, so that asking for a free place is quick.
  class Room {
    constructor() { this.cells = new Map(); }
    each(box, visit) {
      for (let x = Math.floor(box[0] / 64); x <= Math.floor(box[2] / 64); x++) {
        for (let y = Math.floor(box[1] / 64); y <= Math.floor(box[3] / 64); y++) if (visit(x * 4096 + y)) return true;
      }
      return false;
    }
    take(box) {
      this.each(box, (cell) => { if (this.cells.has(cell)) this.cells.get(cell).push(box); else this.cells.set(cell, [box]); });
    }
    free(box) {
      return !this.each(box, (cell) => (this.cells.get(cell) || []).some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]));
    }
  }

  // The facts of a picture: accounts, payments in order of time, and one arrow per pair. Sums are whole minor units.
  class Facts {
    constructor(pack) {
      this.pack = pack;
      this.nodes = pack.nodes.map(([label, role, look], number) => ({ number, label, role, look, shown: number < pack.shown, under: null, pinned: false, folded: false, size: 0, near: new Map() }));
      this.payments = pack.payments.map(([payer, payee, minor, currency, at, hour, id]) => ({
        payer: this.nodes[payer], payee: this.nodes[payee], minor: BigInt(minor), currency, at, hour, id, size: Number(minor) / 10 ** pack.currencies[currency][1],
      }));
      this.middle = pack.middle < 0 ? null : this.nodes[pack.middle];
      const pairs = new Map();
      for (const paid of this.payments) {
        const key = paid.payer.number * this.nodes.length + paid.payee.number;
        if (!pairs.has(key)) pairs.set(key, { from: paid.payer, to: paid.payee, payments: [], size: 0, grown: [] });
        const arrow = pairs.get(key);
        arrow.payments.push(paid);
        arrow.size += paid.size;
        // How large it was after each payment: it grows in a replay.
        arrow.grown.push(arrow.size);
      }
      this.arrows = [...pairs.values()].sort((a, b) => b.size - a.size);
      this.largest = this.arrows.length ? Math.max(1e-9, this.arrows[0].size) : 1;
      this.arrows.forEach((arrow) => {
        arrow.twin = pairs.has(arrow.to.number * this.nodes.length + arrow.from.number);
        arrow.share = Math.sqrt(arrow.size / this.largest);
        arrow.from.size += arrow.size;
        if (arrow.from === arrow.to) return;
        arrow.to.size += arrow.size;
        this.between(arrow.from, arrow.to).out += arrow.size;
        this.between(arrow.to, arrow.from).in += arrow.size;
      });
      const largest = Math.max(1e-9, ...this.nodes.map((node) => node.size));
      for (const node of this.nodes) {
        node.degree = node.near.size;
        node.radius = 7 + 19 * Math.sqrt(node.size / largest);
      }
      this.first = this.payments.length ? this.payments[0].at : 0;
      this.last = this.payments.length ? this.payments[this.payments.length - 1].at : 0;
      this.counted();
    }
    between(node, other) {
      if (!node.near.has(other)) node.near.set(other, { in: 0, out: 0 });
      return node.near.get(other);
    }
    seen(node) { return node.shown && node.under === null; }
    // What is drawn changes only when something is opened or folded.
    counted() {
      this.drawn = this.nodes.filter((node) => this.seen(node));
      this.lines = this.arrows.filter((arrow) => this.seen(arrow.from) && this.seen(arrow.to));
      for (const node of this.drawn) {
        node.more = this.hidden(node).length;
        node.holds = node.folded ? this.nodes.filter((other) => other.under === node).length : 0;
      }
    }
    hidden(node) {
      return [...node.near.keys()].filter((other) => !other.shown)
        .sort((a, b) => this.weight(node, b) - this.weight(node, a) || a.number - b.number);
    }
    weight(node, other) { const between = node.near.get(other); return between.in + between.out; }
    // Neighbours that only this account joins to the picture.
    leaves(node) {
      return [...node.near.keys()].filter((other) => this.seen(other) && !other.pinned && other !== this.middle
        && [...other.near.keys()].every((third) => third === node || !this.seen(third)));
    }
    sums(payments) {
      const sums = new Map();
      for (const paid of payments) sums.set(paid.currency, (sums.get(paid.currency) || 0n) + paid.minor);
      return [...sums.entries()].map(([currency, minor]) => this.money(minor, currency)).sort().join(say(" and ")) || say("nothing");
    }
    money(minor, currency) {
      const [code, digits] = this.pack.currencies[currency];
      const text = minor.toString().padStart(digits + 1, "0");
      const whole = count(text.slice(0, text.length - digits));
      return `${whole}${digits ? `${fraction}${text.slice(-digits)}` : ""} ${code}`;
    }
  }

  class Picture {
    constructor(figure) {
      this.figure = figure;
      this.facts = new Facts(JSON.parse(figure.querySelector("script.moving").textContent));
      this.title = figure.querySelector("h4").textContent;
      this.until = this.facts.last;
      this.names = true;
      this.picked = null;
      this.playing = false;
      this.role = null;
      this.widths = new Map();
      this.coloured();
      this.built();
      this.placed();
      this.fit();
      this.changed("");
    }

    // --- words -----------------------------------------------------------------------------------------------------
    name(node) { return this.names ? node.label : say("no. {number}", { number: node.number + 1 }); }
    shownWords() {
      const { nodes, pack } = this.facts;
      const shown = nodes.filter((node) => node.shown).length, folded = nodes.filter((node) => node.shown && node.under).length;
      const said = shown < pack.of ? say("Showing {count} of {all} accounts, by amount", { count: count(shown), all: count(pack.of) }) : told("{count} account", "{count} accounts", shown);
      return said + (folded ? say(", {count} of them folded", { count: count(folded) }) : "");
    }
    timeWords() {
      const { payments, pack } = this.facts;
      let now = 0;
      for (const paid of payments) if (paid.at <= this.until && this.facts.seen(paid.payer) && this.facts.seen(paid.payee)) now++;
      const share = now < pack.payments_of ? say("{count} of {all} payments", { count: count(now), all: count(pack.payments_of) }) : told("{count} payment", "{count} payments", now);
      return say("{payments}, until {moment}", { payments: share, moment: `${written(this.until, pack.hours)}${pack.hours ? " UTC" : ""}` });
    }

    // --- building --------------------------------------------------------------------------------------------------
    button(words, title, act) {
      return made("button", { type: "button", title, textContent: words, onclick: act });
    }
    built() {
      this.canvas = made("canvas", { tabIndex: 0, role: "application", "aria-label": say("{title}: moving picture. Arrow keys go from account to account, Enter opens neighbours, F folds, P pins, H hides names, space plays, plus and minus zoom, 0 fits.", { title: this.title }) });
      this.said = made("p", { className: "quiet", role: "status" });
      this.panel = made("aside", { className: "panel", "aria-label": say("What is picked") });
      this.slider = made("input", { type: "range", min: 0, max: 1000, value: 1000, step: 1, "aria-label": say("Moment"), oninput: () => this.goTo(Number(this.slider.value) / 1000) });
      this.pace = made("canvas", { className: "pace", "aria-hidden": "true" });
      this.moment = made("span", { className: "quiet moment" });
      this.play = this.button(`▶ ${say("Replay")}`, say("Replay the payments in order of time (space)"), () => this.played(!this.playing));
      this.namesButton = this.button(say("Hide names"), say("Numbers instead of names, here and in what is taken away (H)"), () => this.hideNames());
      this.namesButton.setAttribute("aria-pressed", "false");
      this.foldButton = this.button(say("Fold hubs"), say("Fold what hangs on one busy or public account alone into it"), () => this.foldHubs());
      this.foldButton.setAttribute("aria-pressed", "false");
      this.find = made("input", { type: "search", placeholder: say("Find an account"), "aria-label": say("Find an account in the picture"), onchange: () => this.found(this.find.value) });
      const tools = made("div", { className: "tools", role: "toolbar", "aria-label": say("Picture") },
        this.play, this.namesButton, this.foldButton,
        this.button(say("Spread anew"), say("Place all but pinned accounts anew"), () => { MoneyPlaces.spread(this.facts.drawn, (node) => this.near(node), this.facts.middle); this.fit(); }),
        this.button("+", say("Closer (+)"), () => this.zoom(1.3)), this.button("−", say("Further away (-)"), () => this.zoom(1 / 1.3)),
        this.button(say("Fit"), say("All of it (0)"), () => this.fit()),
        this.button("PNG", say("Take away as PNG"), () => this.takePng()), this.button("SVG", say("Take away as SVG, for print and papers"), () => this.takeSvg()), this.find);
      this.time = made("div", { className: "time" }, made("div", { className: "track" }, this.pace, this.slider), this.moment);
      this.legend = made("ul", { className: "roles" });
      this.tableBody = made("tbody");
      this.tableNote = made("p", { className: "quiet" });
      const heads = [say("From"), say("To"), say("Amount"), say("Payments"), say("First"), say("Last")];
      this.table = made("details", { className: "fold", ontoggle: () => this.listed() }, made("summary", { textContent: say("Table of what is drawn") }),
        made("div", {}, made("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": say("Table of what is drawn") }, made("table", {},
          made("thead", {}, made("tr", {}, ...heads.map((head, place) => made("th", { scope: "col", className: place === 2 || place === 3 ? "amount" : "" , textContent: head })))), this.tableBody)), this.tableNote));
      this.stage = made("div", { className: "stage script" }, tools, made("div", { className: "canvas" }, made("div", { className: "sheet-of" }, this.canvas), this.panel), this.time, this.legend, this.said, this.table);
      this.figure.querySelector("figcaption").after(this.stage);
      this.listen();
      this.resized();
      new ResizeObserver(() => { this.resized(); this.draw(); }).observe(this.canvas.parentNode);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.coloured());
      new MutationObserver(() => this.coloured()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    }
    near(node) {
      return new Map([...node.near].filter(([other]) => this.facts.seen(other)));
    }
    // A small picture begins where its still one stands; a large one is spread.
    placed() {
      const drawn = this.facts.drawn, places = new Map();
      this.figure.querySelectorAll("svg.network .node").forEach((box) => {
        const at = /translate\(([-\d.]+) ([-\d.]+)\)/.exec(box.getAttribute("transform"));
        places.set(box.dataset.name, [Number(at[1]), Number(at[2])]);
      });
      const known = drawn.every((node) => places.has(this.facts.pack.nodes[node.number][0]));
      if (known && drawn.length <= 40) {
        const at = drawn.map((node) => places.get(node.label));
        const range = (axis) => Math.max(...at.map((place) => place[axis])) - Math.min(...at.map((place) => place[axis])) || 1;
        // The boxes of the still picture are wide and low; circles fill a sheet better a little differently spread.
        const by = Math.max(0.6, Math.min(1.6, (1.7 * range(1)) / range(0)));
        drawn.forEach((node, place) => { node.x = node.homeX = at[place][0] * by; node.y = at[place][1]; });
      } else MoneyPlaces.spread(drawn, (node) => this.near(node), this.facts.middle);
    }
    coloured() {
      const style = getComputedStyle(this.figure);
      const read = (name) => style.getPropertyValue(name).trim();
      this.ink = { text: read("--ink"), quiet: read("--quiet"), paper: read("--card"), line: read("--within"), in: read("--in"), out: read("--out"), accent: read("--accent"), faint: read("--faint") };
      const commonest = new Map();
      this.facts.nodes.forEach((node) => commonest.set(node.role, (commonest.get(node.role) || 0) + (node.shown ? 1000000 : 1)));
      const roles = [...commonest.keys()].sort((a, b) => commonest.get(b) - commonest.get(a) || (a < b ? -1 : 1));
      const lead = this.facts.middle && this.facts.middle.role;
      if (lead) { roles.splice(roles.indexOf(lead), 1); roles.unshift(lead); }
      this.roles = new Map(roles.map((role, place) => [role, read(place < 7 ? `--role-${place + 1}` : "--role-other")]));
      if (this.canvas) this.changed("");
    }
    resized() {
      const box = this.canvas.getBoundingClientRect(), ratio = Math.min(2, devicePixelRatio || 1);
      this.ratio = ratio;
      this.wide = box.width || 800;
      this.high = box.height || 480;
      this.canvas.width = Math.round(this.wide * ratio);
      this.canvas.height = Math.round(this.high * ratio);
      this.context = this.canvas.getContext("2d");
      this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const pace = this.pace.getBoundingClientRect();
      this.pace.width = Math.max(1, Math.round(pace.width));
      this.pace.height = Math.max(1, Math.round(pace.height));
      this.paced();
    }

    // --- time ------------------------------------------------------------------------------------------------------
    get span() { return Math.max(1, this.facts.last - this.facts.first); }
    goTo(share) {
      this.until = Math.round(this.facts.first + share * this.span);
      this.slider.setAttribute("aria-valuetext", written(this.until));
      this.moment.textContent = this.timeWords();
      if (this.table.open) this.listed();
      this.hurry();
    }
    played(on) {
      this.playing = on;
      this.play.textContent = on ? `❚❚ ${say("Pause")}` : `▶ ${say("Replay")}`;
      if (!on) { this.draw(); return; }
      let share = Number(this.slider.value) >= 1000 ? 0 : Number(this.slider.value) / 1000;
      let before = performance.now();
      const step = (now) => {
        if (!this.playing || !this.stage.isConnected) return;
        share += Math.min(100, now - before) / 1000 / SECONDS;
        before = now;
        // Nothing happens in a long gap: go on to what comes next.
        const at = this.facts.first + share * this.span;
        const next = this.facts.payments.find((paid) => paid.at >= at - GLOW * this.span);
        if (next && next.at > at) share = (next.at - this.facts.first) / this.span;
        share = Math.min(1, share);
        this.slider.value = Math.round(share * 1000);
        this.goTo(share);
        if (share < 1) requestAnimationFrame(step); else this.played(false);
      };
      requestAnimationFrame(step);
    }
    paced() {
      const c = this.pace.getContext("2d"), { width, height } = this.pace, sums = new Float64Array(Math.max(1, Math.floor(width / 4)));
      for (const paid of this.facts.payments) sums[Math.min(sums.length - 1, Math.floor((paid.at - this.facts.first) / this.span * sums.length))] += paid.size;
      const most = Math.max(1e-9, ...sums);
      c.clearRect(0, 0, width, height);
      c.fillStyle = this.ink.line;
      sums.forEach((sum, place) => { if (sum) { const high = Math.max(2, height * Math.sqrt(sum / most)); c.fillRect(place * 4, height - high, 3, high); } });
    }

    // --- acting ----------------------------------------------------------------------------------------------------
    changed(words) {
      this.said.textContent = `${this.shownWords()}.${words ? ` ${words}` : ""}`;
      this.moment.textContent = this.timeWords();
      this.facts.counted();
      this.clear = Math.max(0.16, Math.min(0.75, 9 / Math.sqrt(this.facts.lines.length + 1)));
      this.legended();
      this.described();
      this.paced();
      if (this.table.open) this.listed();
      this.draw();
    }
    pick(thing) { this.picked = thing; this.described(); this.draw(); }
    expand(node) {
      if (node.folded) { this.unfold(node); return; }
      const hidden = this.facts.hidden(node), opened = hidden.slice(0, OPENED);
      if (!opened.length) { this.changed(say("{account} has no further neighbours here.", { account: this.name(node) })); return; }
      opened.forEach((other) => { other.shown = true; });
      MoneyPlaces.beside(node, opened, this.facts.drawn, (other) => this.near(other));
      this.changed(opened.length < hidden.length ? say("Opened {count} of {all} more neighbours of {account}, by amount.", { count: count(opened.length), all: count(hidden.length), account: this.name(node) }) : told("Opened {count} neighbour of {account}.", "Opened {count} neighbours of {account}.", opened.length, { account: this.name(node) }));
    }
    fold(node) {
      const leaves = this.facts.leaves(node);
      if (!leaves.length) return 0;
      leaves.forEach((leaf) => { leaf.under = node; });
      node.folded = true;
      if (leaves.includes(this.picked)) this.picked = node;
      return leaves.length;
    }
    unfold(node) {
      const own = this.facts.nodes.filter((other) => other.under === node);
      own.forEach((other) => { other.under = null; });
      node.folded = false;
      const lost = own.filter((other) => other.x === undefined);
      if (lost.length) MoneyPlaces.beside(node, lost, this.facts.drawn, (other) => this.near(other));
      this.changed(told("Unfolded {count} account of {account}.", "Unfolded {count} accounts of {account}.", own.length, { account: this.name(node) }));
    }
    toggleFold(node) {
      if (node.folded) { this.unfold(node); return; }
      const number = this.fold(node);
      this.changed(number ? told("Folded {count} account into {account}.", "Folded {count} accounts into {account}.", number, { account: this.name(node) }) : say("Nothing hangs on {account} alone.", { account: this.name(node) }));
    }
    // Hubs, and any account on which so many hang alone that they drown the rest.
    foldHubs() {
      const on = this.foldButton.getAttribute("aria-pressed") !== "true";
      this.foldButton.setAttribute("aria-pressed", String(on));
      if (!on) {
        this.facts.nodes.forEach((node) => { node.under = null; node.folded = false; });
        this.changed(say("Nothing is folded."));
        return;
      }
      let folded = 0, into = 0;
      for (const node of this.facts.drawn) {
        if (!this.facts.seen(node) || (node.look !== "hub" && this.facts.leaves(node).length < 8)) continue;
        const number = this.fold(node);
        folded += number;
        into += number ? 1 : 0;
      }
      this.changed(folded ? told("Folded {count} account into {into}.", "Folded {count} accounts into {into}.", folded, { into: count(into) }) : say("No account has much that hangs on it alone."));
    }
    pin(node) {
      node.pinned = !node.pinned;
      this.changed(node.pinned ? say("{account} is pinned: it keeps its place and its name in sight.", { account: this.name(node) }) : say("{account} is no longer pinned.", { account: this.name(node) }));
    }
    hideNames() {
      this.names = !this.names;
      this.namesButton.setAttribute("aria-pressed", String(!this.names));
      this.figure.classList.toggle("nameless", !this.names);
      this.find.value = "";
      this.changed(this.names ? say("Names are shown.") : say("Names and payment ids are hidden in this picture and in what is taken away from it."));
    }
    found(text) {
      const wanted = text.trim().toLowerCase();
      const hit = wanted && this.facts.drawn.find((node) => this.name(node).toLowerCase().includes(wanted));
      if (!hit) { if (wanted) this.changed(say("No account in the picture has that in its name.")); return; }
      this.pick(hit);
      this.centred(hit);
      this.changed(say("{account} is picked.", { account: this.name(hit) }));
    }

    // --- view ------------------------------------------------------------------------------------------------------
    fit() {
      const drawn = this.facts.drawn;
      if (!drawn.length) return;
      const edge = (name, side, more) => Math[side](...drawn.map((node) => node[name] + more * node.radius));
      const [left, right, top, low] = [edge("x", "min", -1), edge("x", "max", 1), edge("y", "min", -1), edge("y", "max", 1)];
      const wide = Math.max(1, right - left), high = Math.max(1, low - top);
      this.scale = Math.min(2, (this.wide - 130) / wide, (this.high - 76) / high);
      this.left = this.wide / 2 - this.scale * (left + right) / 2;
      this.top = this.high / 2 - 8 - this.scale * (top + low) / 2;
      this.draw();
    }
    centred(node) {
      this.scale = Math.max(this.scale, 0.8);
      this.left = this.wide / 2 - this.scale * node.x;
      this.top = this.high / 2 - this.scale * node.y;
    }
    zoom(by, x = this.wide / 2, y = this.high / 2) {
      const scale = Math.max(0.03, Math.min(6, this.scale * by));
      this.left = x - (x - this.left) * scale / this.scale;
      this.top = y - (y - this.top) * scale / this.scale;
      this.scale = scale;
      this.hurry();
    }
    radius(node) { return node.radius * Math.max(0.4, Math.min(1.15, this.scale * 1.1)); }
    at(node) { return [this.left + this.scale * node.x, this.top + this.scale * node.y]; }

    // --- drawing ---------------------------------------------------------------------------------------------------
    // While the picture moves, of very many arrows only the largest are drawn; the rest follow when it stands.
    hurry() {
      this.hurried = true;
      clearTimeout(this.rest);
      this.rest = setTimeout(() => { this.hurried = false; this.draw(); }, 180);
      this.draw();
    }
    draw() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => {
        this.waiting = false;
        this.context.clearRect(0, 0, this.wide, this.high);
        this.scene(new MoneyPens.Screen(this.context, this.ratio), this.hurried);
      });
    }
    measured(words, size) {
      const key = `${size}|${words}`;
      if (!this.widths.has(key)) {
        this.context.font = `${size}px ${MoneyPens.FONT}`;
        this.widths.set(key, this.context.measureText(words).width);
      }
      return this.widths.get(key);
    }
    curve(arrow) {
      const [x1, y1] = this.at(arrow.from), [x2, y2] = this.at(arrow.to);
      const r1 = this.radius(arrow.from), r2 = this.radius(arrow.to);
      if (arrow.from === arrow.to) {
        return { from: [x1 - r1 * 0.6, y1 - r1 * 0.8], by: [x1, y1 - r1 * 4 - 14], to: [x1 + r1 * 0.6, y1 - r1 * 0.9], angle: 1.2 };
      }
      const dx = x2 - x1, dy = y2 - y1, far = Math.hypot(dx, dy) || 1;
      const bend = (arrow.twin ? 0.14 : 0.05) * far;
      const by = [(x1 + x2) / 2 + bend * dy / far, (y1 + y2) / 2 - bend * dx / far];
      const out = Math.atan2(by[1] - y1, by[0] - x1), into = Math.atan2(y2 - by[1], x2 - by[0]);
      return { from: [x1 + r1 * Math.cos(out), y1 + r1 * Math.sin(out)], by, to: [x2 - (r2 + 3) * Math.cos(into), y2 - (r2 + 3) * Math.sin(into)], angle: into };
    }
    on({ from, by, to }, share) {
      const rest = 1 - share;
      return [0, 1].map((axis) => rest * rest * from[axis] + 2 * rest * share * by[axis] + share * share * to[axis]);
    }
    // Accounts a pick keeps bright; null if nothing is picked.
    bright() {
      if (this.role !== null) return new Set(this.facts.drawn.filter((node) => node.role === this.role));
      if (!this.picked) return null;
      if (this.picked.payments) return new Set([this.picked.from, this.picked.to]);
      return new Set([this.picked, ...this.picked.near.keys()]);
    }
    // Whether an arrow stays bright with what is picked.
    kept(arrow, bright) {
      if (this.role !== null) return bright.has(arrow.from) && bright.has(arrow.to);
      return this.picked === arrow || arrow.from === this.picked || arrow.to === this.picked;
    }
    scene(pen, hurried = false) {
      const drawn = this.facts.drawn, large = drawn.length > 600, bright = this.bright(), ink = this.ink;
      const glow = GLOW * this.span, replaying = this.until < this.facts.last || this.playing;
      const lit = [], words = [];
      const lines = hurried ? this.facts.lines.slice(0, HURRIED) : this.facts.lines;
      for (let place = lines.length - 1; place >= 0; place--) {
        const arrow = lines[place];
        let past = arrow.payments.length;
        if (replaying) { past = 0; while (past < arrow.payments.length && arrow.payments[past].at <= this.until) past++; }
        if (!past) continue;
        const curve = this.curve(arrow);
        const [x1, y1] = curve.from, [x2, y2] = curve.to;
        if (Math.max(x1, x2) < -60 || Math.min(x1, x2) > this.wide + 60 || Math.max(y1, y2) < -60 || Math.min(y1, y2) > this.high + 60) continue;
        const own = bright !== null && this.kept(arrow, bright), share = Math.sqrt(arrow.grown[past - 1] / this.facts.largest);
        // Hubs are labels, not paths; and of many arrows only the large ones are to be seen at a glance.
        const open = arrow.from.look === "hub" || arrow.to.look === "hub" ? 0.45 : 1;
        let colour = ink.line, alpha = own ? 0.95 : bright !== null ? 0.07 : open * Math.min(0.75, this.clear * (0.4 + 0.9 * share));
        if (own && this.picked) colour = arrow.from === this.picked ? ink.out : arrow.to === this.picked ? ink.in : ink.accent;
        const recent = replaying && arrow.payments[past - 1].at > this.until - glow;
        if (recent) { colour = ink.accent; alpha = Math.max(alpha, 0.95); }
        const width = (1 + 5.5 * share) * Math.max(0.45, Math.min(1, this.scale * 1.1));
        const head = Math.min(15, 5 + 1.6 * width), tip = [x2 + 2 * Math.cos(curve.angle), y2 + 2 * Math.sin(curve.angle)];
        const back = [x2 - head * 0.7 * Math.cos(curve.angle), y2 - head * 0.7 * Math.sin(curve.angle)];
        pen.line(curve.from, curve.by, back, width, colour, alpha);
        const side = (turn) => [tip[0] - head * Math.cos(curve.angle + turn), tip[1] - head * Math.sin(curve.angle + turn)];
        if (!(large && hurried)) pen.fill([tip, side(0.42), side(-0.42)], colour, Math.min(1, alpha + 0.2));
        if (recent && this.playing) lit.push([curve, Math.min(1, (this.until - arrow.payments[past - 1].at) / glow)]);
        words.push([arrow, curve, past, own || recent]);
      }
      for (const [curve, share] of lit) { const [x, y] = this.on(curve, share); pen.shape("circle", x, y, 4.5, { fill: ink.accent, stroke: ink.paper }); }
      const room = new Room();
      const order = [...drawn].sort((a, b) => this.rank(a) - this.rank(b));
      for (const node of order) {
        const [x, y] = this.at(node), r = this.radius(node);
        if (x < -40 || y < -40 || x > this.wide + 40 || y > this.high + 40) continue;
        const alpha = bright === null || bright.has(node) ? 1 : 0.25, kind = SHAPES[node.look] || "circle";
        if (node.folded) pen.shape(kind, x + 4, y + 4, r, { fill: ink.faint, stroke: ink.line, alpha });
        pen.shape(kind, x, y, r, { fill: this.roles.get(node.role), stroke: node === this.picked ? ink.text : ink.paper, width: node === this.picked ? 3 : 1.5, alpha });
        if (node === this.facts.middle) pen.shape(kind, x, y, r + 4, { stroke: ink.text, width: 2, alpha });
        if (node.pinned) pen.shape("circle", x, y, 3, { fill: ink.paper, alpha });
        if (alpha === 1) room.take([x - r, y - r, x + r, y + r]);
      }
      this.worded(pen, order.reverse(), words, bright, room, large);
    }
    rank(node) {
      return (node === this.picked ? 4e15 : 0) + (node === this.facts.middle ? 2e15 : 0) + (node.pinned ? 1e15 : 0) + node.size;
    }
    // Names and amounts by turns, the largest first, as long as they find room.
    worded(pen, nodes, arrows, bright, room, large) {
      arrows.sort((a, b) => b[3] - a[3] || b[0].size - a[0].size);
      // Of very many, those that would hardly find room are not even tried.
      if (large) { nodes = nodes.slice(0, 90); arrows = arrows.slice(0, 40); }
      const most = large ? 60 : 200, amounts = arrows.filter(([arrow, , , own]) => own || arrow.share > 0.12 || arrows.length < 60);
      let node = 0, arrow = 0;
      while (node < nodes.length && this.rank(nodes[node]) > 1e14) this.named(pen, nodes[node++], bright, room);
      while (arrow < Math.min(12, amounts.length)) this.told(pen, amounts[arrow++], bright, room);
      for (let place = 0; place < most && (node < nodes.length || arrow < amounts.length); place++) {
        while (node < nodes.length && !this.named(pen, nodes[node++], bright, room));
        while (arrow < amounts.length && !this.told(pen, amounts[arrow++], bright, room));
      }
    }
    named(pen, node, bright, room) {
      if (bright !== null && !bright.has(node)) return false;
      const [x, y] = this.at(node), r = this.radius(node);
      if (x < 0 || y < 0 || x > this.wide || y > this.high) return false;
      const must = this.rank(node) > 1e14;
      const text = shortened(this.name(node), 19);
      const second = node.holds ? `+ ${count(node.holds)} folded` : node.more ? `+ ${count(node.more)} more` : "";
      const wide = Math.max(this.measured(text, 11.5), second ? this.measured(second, 10) : 0), high = second ? 26 : 14;
      // Below, above, to the right, to the left: the first place that is free.
      const boxes = [[x - wide / 2, y + r + 2], [x - wide / 2, y - r - high - 3], [x + r + 4, y - high / 2], [x - r - wide - 4, y - high / 2]]
        .map(([left, top]) => [left - 2, top, left + wide + 2, top + high]);
      const inside = (box) => box[0] >= 0 && box[1] >= 0 && box[2] <= this.wide && box[3] <= this.high;
      const box = boxes.find((one) => inside(one) && room.free(one)) || (must ? boxes.find(inside) || boxes[0] : null);
      if (!box) return false;
      room.take(box);
      const middle = (box[0] + box[2]) / 2;
      pen.text(text, middle, box[1] + 11, { size: 11.5, colour: this.ink.text, halo: this.ink.paper, bold: must });
      if (second) pen.text(second, middle, box[1] + 23, { size: 10, colour: this.ink.quiet, halo: this.ink.paper });
      return true;
    }
    amountWords(paid) {
      const past = paid.length, amount = this.facts.sums(paid), last = paid[past - 1];
      const text = shortened(past > 1 ? `${amount} (${count(past)}×)` : amount, 34);
      // Days of several years are told apart by the year, not by the hour.
      const years = this.span > 300 * 86400, one = past === 1 || paid[0].at === last.at;
      return { past, text, when: one ? brief(last.at, last.hour && !years, years) : `${brief(paid[0].at, false, years)} – ${brief(last.at, false, years)}` };
    }
    told(pen, [arrow, curve, past, own], bright, room) {
      const long = Math.hypot(curve.to[0] - curve.from[0], curve.to[1] - curve.from[1]);
      if ((bright !== null && !own) || (long < 46 && !own)) return false;
      if (!arrow.words || arrow.words.past !== past) arrow.words = this.amountWords(arrow.payments.slice(0, past));
      const { text, when } = arrow.words;
      const wide = Math.max(this.measured(text, 11), this.measured(when, 10));
      // On the arrow, else right beside it.
      for (const [share, off] of SPOTS) {
        const [px, py] = this.on(curve, share), x = px + off * (wide / 2 + 6), y = py + off * 12;
        const box = [x - wide / 2 - 2, y - 15, x + wide / 2 + 2, y + 14];
        if (box[0] < 0 || box[2] > this.wide || box[1] < 0 || box[3] > this.high || !room.free(box)) continue;
        room.take(box);
        pen.text(text, x, y - 2, { size: 11, colour: this.ink.text, halo: this.ink.paper });
        pen.text(when, x, y + 10, { size: 10, colour: this.ink.quiet, halo: this.ink.paper });
        return true;
      }
      return false;
    }

    // --- beside the picture ----------------------------------------------------------------------------------------
    legended() {
      const number = new Map();
      this.facts.drawn.forEach((node) => number.set(node.role, (number.get(node.role) || 0) + 1));
      const chips = [...this.roles.keys()].filter((role) => number.has(role)).map((role) => {
        const dot = made("i", { className: "dot" });
        dot.style.background = this.roles.get(role);
        const chip = made("button", { type: "button", title: say("Show only this"), onclick: () => { this.role = this.role === role ? null : role; this.legended(); this.draw(); } }, dot, `${role} (${count(number.get(role))})`);
        chip.setAttribute("aria-pressed", String(this.role === role));
        return made("li", {}, chip);
      });
      const shapes = this.shapes().map(([kind, words]) => made("li", { className: "quiet" }, made("i", { className: `kind ${kind}` }), words));
      this.legend.replaceChildren(...chips, ...shapes);
    }
    shapes() {
      const looks = new Set(this.facts.drawn.map((node) => SHAPES[node.look] || "circle"));
      return KINDS.filter(([kind]) => looks.has(kind));
    }
    described() {
      const thing = this.picked, facts = this.facts;
      const line = (words, className = "") => made("p", { className, textContent: words });
      if (!thing) {
        this.panel.replaceChildren(line(say("Pick an account or an arrow."), "quiet"), line(say("Drag moves an account, and pins it. Two clicks open its neighbours. Amounts stand on the arrows; times are UTC."), "quiet"));
        return;
      }
      const title = made("h5", {});
      const list = (payments) => {
        const shown = [...payments].sort((a, b) => b.size - a.size).slice(0, LISTED).sort((a, b) => a.at - b.at);
        const items = shown.map((paid) => made("li", {}, made("b", { textContent: facts.money(paid.minor, paid.currency) }), made("br"), made("span", { className: "quiet" }, `${iso(paid.at, paid.hour)} `, made("bdi", { textContent: this.names ? paid.id : "" }))));
        return [made("ul", {}, ...items), ...(shown.length < payments.length ? [line(say("Showing {count} of {all}, by amount.", { count: count(shown.length), all: count(payments.length) }), "quiet")] : [])];
      };
      if (thing.payments) {
        title.append(made("bdi", { textContent: this.name(thing.from) }), " → ", made("bdi", { textContent: this.name(thing.to) }));
        const paid = thing.payments.filter((one) => one.at <= this.until);
        this.panel.replaceChildren(title, line(told("{sum} in {count} payment", "{sum} in {count} payments", paid.length, { sum: facts.sums(paid) })), ...list(paid));
        return;
      }
      title.append(made("bdi", { textContent: this.name(thing) }));
      const into = facts.payments.filter((paid) => paid.payee === thing), out = facts.payments.filter((paid) => paid.payer === thing);
      const side = (word, payments, other) => line(payments.length
        ? `${say(word, { sum: facts.sums(payments) })}: ${told("{count} payment", "{count} payments", payments.length)}, ${told("{count} other side", "{count} other sides", new Set(payments.map(other)).size)}`
        : say(word, { sum: say("nothing") }));
      const hidden = facts.hidden(thing).length, leaves = facts.leaves(thing).length;
      const acts = made("div", { className: "acts" });
      if (hidden) acts.append(this.button(hidden > OPENED ? say("Open {count} of {all} more", { count: OPENED, all: count(hidden) }) : say("Open {count} more", { count: count(hidden) }), say("Neighbours that are not drawn yet, by amount (Enter)"), () => this.expand(thing)));
      if (thing.folded || leaves) acts.append(this.button(thing.folded ? say("Unfold") : say("Fold {count} into it", { count: count(leaves) }), say("Accounts that only this one joins to the picture (F)"), () => this.toggleFold(thing)));
      acts.append(this.button(thing.pinned ? say("Unpin") : say("Pin"), say("Keeps its place and its name in sight (P)"), () => this.pin(thing)));
      this.panel.replaceChildren(title, line(thing.role, "quiet"), side(say("took in {sum}"), into, (paid) => paid.payer), side(say("paid out {sum}"), out, (paid) => paid.payee), acts, ...list([...into, ...out]));
    }
    listed() {
      if (!this.table.open) return;
      const arrows = this.facts.lines.map((arrow) => [arrow, arrow.payments.filter((paid) => paid.at <= this.until)]).filter(([, paid]) => paid.length);
      this.tableBody.replaceChildren(...arrows.slice(0, ROWS).map(([arrow, paid]) => made("tr", {},
        ...[this.name(arrow.from), this.name(arrow.to), this.facts.sums(paid), count(paid.length), iso(paid[0].at, paid[0].hour), iso(paid[paid.length - 1].at, paid[paid.length - 1].hour)]
          .map((words, place) => made("td", { className: ["", "", "amount", "number", "time", "time"][place], textContent: words })))));
      this.tableNote.textContent = arrows.length > ROWS ? say("Showing {count} of {all} arrows, by amount.", { count: count(ROWS), all: count(arrows.length) }) : "";
    }

    // --- hands -----------------------------------------------------------------------------------------------------
    hit(x, y) {
      let best = null, nearest = 12;
      for (const node of this.facts.drawn) {
        const [nx, ny] = this.at(node), far = Math.hypot(nx - x, ny - y) - this.radius(node);
        if (far < 3 && far < nearest) { best = node; nearest = far; }
      }
      if (best) return best;
      nearest = 7;
      for (const arrow of this.facts.lines) {
        const curve = this.curve(arrow);
        for (let share = 0.1; share < 0.95; share += 0.1) {
          const [cx, cy] = this.on(curve, share), far = Math.hypot(cx - x, cy - y);
          if (far < nearest) { best = arrow; nearest = far; }
        }
      }
      return best;
    }
    listen() {
      const canvas = this.canvas;
      let held = null;
      canvas.addEventListener("pointerdown", (event) => {
        const thing = this.hit(event.offsetX, event.offsetY);
        held = { thing, x: event.offsetX, y: event.offsetY, moved: false };
        canvas.setPointerCapture(event.pointerId);
      });
      canvas.addEventListener("pointermove", (event) => {
        if (!held) return;
        const dx = event.offsetX - held.x, dy = event.offsetY - held.y;
        if (!held.moved && Math.hypot(dx, dy) < 4) return;
        held.moved = true;
        if (held.thing && !held.thing.payments) { held.thing.x += dx / this.scale; held.thing.y += dy / this.scale; held.thing.pinned = true; }
        else { this.left += dx; this.top += dy; }
        held.x = event.offsetX; held.y = event.offsetY;
        this.hurry();
      });
      canvas.addEventListener("pointerup", () => {
        if (held && !held.moved) { this.role = null; this.pick(held.thing); this.legended(); }
        else if (held && held.thing && !held.thing.payments) this.changed(say("{account} is pinned: it keeps its place and its name in sight.", { account: this.name(held.thing) }));
        held = null;
      });
      canvas.addEventListener("dblclick", (event) => {
        const thing = this.hit(event.offsetX, event.offsetY);
        if (thing && !thing.payments) this.expand(thing);
      });
      // The wheel belongs to the page until the picture is in use.
      canvas.addEventListener("wheel", (event) => {
        if (document.activeElement !== canvas && !event.ctrlKey) return;
        event.preventDefault();
        this.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
      }, { passive: false });
      canvas.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const node = this.picked && !this.picked.payments ? this.picked : null;
        const keys = {
          ArrowLeft: () => this.step(-1, 0), ArrowRight: () => this.step(1, 0), ArrowUp: () => this.step(0, -1), ArrowDown: () => this.step(0, 1),
          Enter: () => node && this.expand(node), f: () => node && this.toggleFold(node), p: () => node && this.pin(node), h: () => this.hideNames(),
          " ": () => this.played(!this.playing), "+": () => this.zoom(1.25), "=": () => this.zoom(1.25), "-": () => this.zoom(0.8), 0: () => this.fit(), Escape: () => this.pick(null),
        };
        const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        if (!act) return;
        event.preventDefault();
        act();
      });
    }
    // The nearest account in a direction.
    step(dx, dy) {
      const from = this.picked && !this.picked.payments ? this.picked : null;
      const start = from || this.facts.middle || this.facts.drawn[0];
      if (!start) return;
      let best = from ? null : start, least = Infinity;
      if (from) {
        for (const node of this.facts.drawn) {
          const x = node.x - start.x, y = node.y - start.y, along = x * dx + y * dy;
          if (node === start || along <= 0) continue;
          const cost = along + 2.5 * Math.abs(x * dy - y * dx);
          if (cost < least) { best = node; least = cost; }
        }
      }
      if (!best) return;
      this.pick(best);
      const [x, y] = this.at(best);
      if (x < 30 || y < 30 || x > this.wide - 30 || y > this.high - 30) this.centred(best);
      this.said.textContent = `${this.name(best)}: ${best.role}.`;
    }

    // --- taking away -----------------------------------------------------------------------------------------------
    caption() { return `${this.shownWords()}; ${this.timeWords()}`; }
    // What a picture without its page must say for itself: title, what is shown, until when, the colours and shapes.
    signed(pen) {
      const top = this.high;
      pen.text(this.title, 12, top + 20, { size: 14, colour: this.ink.text, align: "left", bold: true });
      pen.text(this.caption(), 12, top + 38, { size: 11.5, colour: this.ink.quiet, align: "left" });
      for (const { words, kind, colour, x, y } of this.explained()) {
        pen.shape(kind, x + 5, top + y + 7, 5, colour ? { fill: colour } : { stroke: this.ink.quiet });
        pen.text(words, x + 15, top + y + 11, { size: 11.5, colour: this.ink.text, align: "left" });
      }
    }
    // Every colour and shape that is drawn, in as many lines as they need.
    explained() {
      const drawn = new Set(this.facts.drawn.map((node) => node.role)), lines = [];
      const colours = [...this.roles].filter(([role]) => drawn.has(role)).map(([role, colour]) => ({ words: shortened(role, 40), kind: "circle", colour }));
      const shapes = this.shapes().map(([kind, words]) => ({ words, kind, colour: null }));
      let x = 12, y = BAND;
      for (const one of [...colours, ...shapes]) {
        const wide = this.measured(one.words, 11.5) + 32;
        if (x > 12 && x + wide > this.wide) { x = 12; y += LINE; }
        lines.push({ ...one, x, y });
        x += wide;
      }
      return lines;
    }
    signedHigh() { return this.high + Math.max(BAND, ...this.explained().map((line) => line.y)) + LINE; }
    given(blob, ending) {
      const link = made("a", { href: URL.createObjectURL(blob), download: `${this.title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "picture"}.${ending}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      this.said.textContent = say("Taken away as {format}.", { format: ending.toUpperCase() });
    }
    takeSvg() {
      const pen = new MoneyPens.Paper();
      this.scene(pen);
      this.signed(pen);
      this.given(new Blob([pen.svg(this.wide, this.signedHigh(), `${this.title}. ${this.caption()}`, this.ink.paper, this.figure.querySelector("svg").namespaceURI)], { type: "image/svg+xml" }), "svg");
    }
    takePng() {
      const high = this.signedHigh();
      const sheet = made("canvas", { width: Math.round(2 * this.wide), height: Math.round(2 * high) }), context = sheet.getContext("2d");
      context.scale(2, 2);
      context.fillStyle = this.ink.paper;
      context.fillRect(0, 0, this.wide, high);
      const pen = new MoneyPens.Screen(context, 2);
      this.scene(pen);
      this.signed(pen);
      sheet.toBlob((blob) => this.given(blob, "png"), "image/png");
    }
  }

  const explore = (figure, button) => {
    const on = figure.classList.toggle("exploring");
    if (on && !figure.querySelector(".stage")) new Picture(figure);
    button.textContent = on ? say("Still picture") : say("Explore");
    button.setAttribute("aria-pressed", String(on));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-explore]");
    if (button) explore(button.closest("figure"), button);
  });
  // In a notebook the picture is what was asked for; those in a fold wait.
  document.querySelectorAll("figure[data-open] button[data-explore]").forEach((button) => {
    if (!button.closest("details:not([open])")) button.click();
  });
})();
