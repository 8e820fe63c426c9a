// Where accounts stand in a moving picture: money flows from left to right, and nothing is drawn by lot, so that the
// same network looks the same in every run and for every reader.
const MoneyPlaces = (() => {
  const COLUMN = 190, ROW = 58, HIGH = 14, REACH = 84, SHAPE = 0.58;

  // Columns: a payee stands one to the right of whoever was met first on the way from the middle, a payer one to the left.
  const columns = (nodes, near, middle) => {
    const column = new Map();
    const bySize = [...nodes].sort((a, b) => b.size - a.size || a.number - b.number);
    for (const start of middle ? [middle, ...bySize] : bySize) {
      if (column.has(start)) continue;
      column.set(start, 0);
      const front = [start];
      for (const node of front) {
        for (const [other, between] of near(node)) {
          if (column.has(other)) continue;
          column.set(other, column.get(node) + (between.out >= between.in ? 1 : -1));
          front.push(other);
        }
      }
    }
    return column;
  };

  // A column of many is set in several ranks, each account near those it was met from.
  const ranks = (nodes, near, column) => {
    const numbers = [...new Set(column.values())].sort((a, b) => a - b);
    const outward = [...numbers].sort((a, b) => Math.abs(a) - Math.abs(b) || a - b);
    const members = new Map(numbers.map((number) => [number, nodes.filter((node) => column.get(node) === number)]));
    const wide = new Map(numbers.map((number) => {
      const many = members.get(number).length;
      return [number, Math.ceil(many / Math.max(HIGH, Math.sqrt((many * REACH) / ROW)))];
    }));
    let x = 0;
    const left = new Map();
    for (const number of numbers) {
      left.set(number, x);
      x += COLUMN + (wide.get(number) - 1) * REACH;
    }
    const placed = new Set();
    for (const number of outward) {
      const wanted = new Map(members.get(number).map((node) => {
        const known = [...near(node).keys()].filter((other) => placed.has(other));
        return [node, known.length ? known.reduce((sum, other) => sum + other.y, 0) / known.length : 0];
      }));
      const own = members.get(number).sort((a, b) => wanted.get(a) - wanted.get(b) || b.size - a.size || a.number - b.number);
      const across = wide.get(number), rows = Math.ceil(own.length / across);
      own.forEach((node, place) => {
        node.x = left.get(number) + (place % across) * REACH;
        node.y = (Math.floor(place / across) - (rows - 1) / 2) * ROW;
        node.homeX = node.x;
        placed.add(node);
      });
    }
  };

  // Pairs of accounts that stand close, by a grid.
  const close = (nodes, visit) => {
    const grid = new Map();
    const key = (x, y) => x * 65536 + y;
    for (const node of nodes) {
      node.cellX = Math.floor(node.x / REACH);
      node.cellY = Math.floor(node.y / REACH);
      const at = key(node.cellX, node.cellY);
      if (grid.has(at)) grid.get(at).push(node); else grid.set(at, [node]);
    }
    for (const node of nodes) {
      for (let x = node.cellX - 1; x <= node.cellX + 1; x++) {
        for (let y = node.cellY - 1; y <= node.cellY + 1; y++) {
          for (const other of grid.get(key(x, y)) || []) if (other.number > node.number) visit(node, other);
        }
      }
    }
  };

  // Push apart what stands too close; labels are wide, so sideways needs more room than up and down.
  const apart = (nodes, moves, strength) => {
    close(nodes, (a, b) => {
      let dx = (b.x - a.x) / 1.5, dy = b.y - a.y;
      if (dx === 0 && dy === 0) dy = 0.1 * (b.number - a.number);
      const far = Math.hypot(dx, dy), room = Math.max(46, a.radius + b.radius + 30);
      if (far >= room) return;
      const push = strength * (room - far) / far;
      const freeA = moves(a) ? 1 : 0, freeB = moves(b) ? 1 : 0;
      if (!freeA && !freeB) return;
      const share = freeA && freeB ? 0.5 : 1;
      a.x -= freeA * share * push * dx * 1.5; a.y -= freeA * share * push * dy;
      b.x += freeB * share * push * dx * 1.5; b.y += freeB * share * push * dy;
    });
  };

  // Fill a sheet as wide as a screen evenly, in the order found.
  const filled = (nodes, moves) => {
    const free = nodes.filter(moves).sort((a, b) => a.y - b.y || a.number - b.number);
    const wide = Math.max(...nodes.map((node) => node.x)) - Math.min(...nodes.map((node) => node.x));
    const high = Math.max(SHAPE * wide, ROW * 2);
    free.forEach((node, place) => { node.y = 0.3 * Math.max(-high, Math.min(high, node.y)) + 0.7 * high * (place / Math.max(1, free.length - 1) - 0.5); });
  };

  return {
    // Place all from scratch; pinned accounts stay.
    spread(nodes, near, middle) {
      const kept = new Map(nodes.filter((node) => node.pinned && node.x !== undefined).map((node) => [node, [node.x, node.y]]));
      ranks(nodes, near, columns(nodes, near, middle));
      for (const [node, [x, y]] of kept) { node.x = node.homeX = x; node.y = y; }
      const moves = (node) => !kept.has(node);
      const spreadOf = () => Math.sqrt(nodes.reduce((sum, node) => sum + node.y * node.y, 0) / nodes.length) || 1;
      const wanted = spreadOf(), rounds = nodes.length > 600 ? 40 : 120;
      for (let round = 0; round < rounds; round++) {
        // Towards the accounts it deals with, those with few others first; the whole keeps its height.
        for (const node of nodes) {
          if (!moves(node)) continue;
          let sum = 0, weight = 0;
          for (const other of near(node).keys()) {
            const own = 1 / (1 + other.degree);
            sum += own * other.y; weight += own;
          }
          if (weight) node.y += 0.25 * (sum / weight - node.y);
          node.x += 0.2 * (node.homeX - node.x);
        }
        const grown = wanted / spreadOf();
        for (const node of nodes) if (moves(node)) node.y *= grown;
        apart(nodes, moves, 0.4);
      }
      filled(nodes, moves);
      for (let round = 0; round < 30; round++) apart(nodes, moves, 0.5);
    },
    // Place newcomers beside the account they belong to; nobody else moves.
    beside(account, newcomers, nodes, near) {
      const isNew = new Set(newcomers);
      for (const side of [-1, 1]) {
        const own = newcomers.filter((node) => (near(account).get(node).out >= near(account).get(node).in ? 1 : -1) === side);
        own.forEach((node, place) => {
          node.x = account.x + side * (130 + 70 * (place % Math.ceil(own.length / 10)));
          node.y = account.y + (Math.floor(place / Math.ceil(own.length / 10)) - (Math.ceil(own.length / Math.ceil(own.length / 10)) - 1) / 2) * 46;
          node.homeX = node.x;
        });
      }
      for (let round = 0; round < (nodes.length > 600 ? 40 : 200); round++) apart(nodes, (node) => isNew.has(node), 0.5);
    },
  };
})();
