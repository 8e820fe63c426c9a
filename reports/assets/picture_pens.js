// Two pens that draw the same picture: one on the screen, one into an SVG file for papers.
const MoneyPens = (() => {
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

  // Corners of a shape round the origin; null for a circle.
  const corners = (kind, r) => {
    if (kind === "square") return [[-r, -r], [r, -r], [r, r], [-r, r]];
    if (kind === "diamond") return [[0, -1.25 * r], [1.25 * r, 0], [0, 1.25 * r], [-1.25 * r, 0]];
    if (kind === "hexagon") return [0, 1, 2, 3, 4, 5].map((side) => [1.15 * r * [1, 0.5, -0.5, -1, -0.5, 0.5][side], r * [0, 1, 1, 0, -1, -1][side]]);
    return null;
  };

  // Words with an edge of paper are slow to draw and stay the same from frame to frame: each is drawn once.
  const stamps = new Map();
  const stamped = (words, size, colour, halo, bold, ratio) => {
    const key = `${words}|${size}|${colour}|${halo}|${bold}|${ratio}`;
    if (stamps.has(key)) return stamps.get(key);
    if (stamps.size > 1500) stamps.clear();
    const sheet = document.createElement("canvas"), context = sheet.getContext("2d");
    const font = `${bold ? "600 " : ""}${size}px ${FONT}`;
    context.font = font;
    const wide = Math.ceil(context.measureText(words).width) + 8, high = Math.ceil(size * 1.5) + 4;
    sheet.width = wide * ratio;
    sheet.height = high * ratio;
    context.scale(ratio, ratio);
    context.font = font;
    context.strokeStyle = halo; context.lineWidth = 3.5; context.lineJoin = "round"; context.strokeText(words, 4, size + 3);
    context.fillStyle = colour; context.fillText(words, 4, size + 3);
    const stamp = { sheet, wide, high };
    stamps.set(key, stamp);
    return stamp;
  };

  class Screen {
    constructor(context, ratio) { this.to = context; this.ratio = ratio; }
    line(from, by, to, width, colour, alpha) {
      const c = this.to;
      c.globalAlpha = alpha; c.strokeStyle = colour; c.lineWidth = width;
      c.beginPath(); c.moveTo(from[0], from[1]); c.quadraticCurveTo(by[0], by[1], to[0], to[1]); c.stroke();
      c.globalAlpha = 1;
    }
    fill(points, colour, alpha) {
      const c = this.to;
      c.globalAlpha = alpha; c.fillStyle = colour;
      c.beginPath(); points.forEach(([x, y], place) => (place ? c.lineTo(x, y) : c.moveTo(x, y))); c.closePath(); c.fill();
      c.globalAlpha = 1;
    }
    shape(kind, x, y, r, { fill, stroke, width = 1.5, alpha = 1 }) {
      const c = this.to, points = corners(kind, r);
      c.globalAlpha = alpha;
      c.beginPath();
      if (points) { points.forEach(([dx, dy], place) => (place ? c.lineTo(x + dx, y + dy) : c.moveTo(x + dx, y + dy))); c.closePath(); }
      else c.arc(x, y, r, 0, 2 * Math.PI);
      if (fill) { c.fillStyle = fill; c.fill(); }
      if (stroke) { c.strokeStyle = stroke; c.lineWidth = width; c.stroke(); }
      c.globalAlpha = 1;
    }
    text(words, x, y, { size = 12, colour, align = "center", halo = null, bold = false }) {
      const c = this.to;
      if (halo) {
        const { sheet, wide, high } = stamped(words, size, colour, halo, bold, this.ratio);
        // On whole pixels, or it blurs.
        const whole = (value) => Math.round(value * this.ratio) / this.ratio;
        c.drawImage(sheet, whole(x - (align === "center" ? wide / 2 : 4)), whole(y - size - 3), wide, high);
        return;
      }
      c.font = `${bold ? "600 " : ""}${size}px ${FONT}`; c.textAlign = align; c.fillStyle = colour;
      c.fillText(words, x, y);
    }
  }

  const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const n = (value) => String(Math.round(value * 10) / 10);
  const n2 = (value) => String(Math.round(value * 100) / 100);

  class Paper {
    constructor() { this.parts = []; }
    line(from, by, to, width, colour, alpha) {
      this.parts.push(`<path d="M${n(from[0])},${n(from[1])} Q${n(by[0])},${n(by[1])} ${n(to[0])},${n(to[1])}" fill="none" stroke="${colour}" stroke-width="${n(width)}" opacity="${n2(alpha)}"/>`);
    }
    fill(points, colour, alpha) {
      this.parts.push(`<path d="M${points.map((point) => point.map(n).join(",")).join(" L")} z" fill="${colour}" opacity="${n2(alpha)}"/>`);
    }
    shape(kind, x, y, r, { fill, stroke, width = 1.5, alpha = 1 }) {
      const points = corners(kind, r);
      const looks = `fill="${fill || "none"}" stroke="${stroke || "none"}" stroke-width="${n(width)}" opacity="${n2(alpha)}"`;
      this.parts.push(points
        ? `<path d="M${points.map(([dx, dy]) => `${n(x + dx)},${n(y + dy)}`).join(" L")} z" ${looks}/>`
        : `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" ${looks}/>`);
    }
    text(words, x, y, { size = 12, colour, align = "center", halo = null, bold = false }) {
      const anchor = align === "center" ? "middle" : "start";
      const edge = halo ? ` paint-order="stroke" stroke="${halo}" stroke-width="3.5" stroke-linejoin="round"` : "";
      this.parts.push(`<text x="${n(x)}" y="${n(y)}" font-size="${size}" fill="${colour}" text-anchor="${anchor}"${bold ? ' font-weight="600"' : ""}${edge}>${escaped(words)}</text>`);
    }
    svg(width, height, title, paper, namespace) {
      return `<svg xmlns="${namespace}" viewBox="0 0 ${n(width)} ${n(height)}" width="${n(width)}" height="${n(height)}" font-family="${escaped(FONT)}"><title>${escaped(title)}</title><rect width="100%" height="100%" fill="${paper}"/>${this.parts.join("\n")}</svg>\n`;
    }
  }

  return { Screen, Paper, FONT };
})();
