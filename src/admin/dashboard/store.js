// What the page knows: who we are, the overview, and the last minutes of figures. Views subscribe to it.
import { get } from './api.js';
import { Telemetry } from './socket.js';

export const MINUTES = 15;
const LONGEST = MINUTES * 60 * 1000;
const WINDOW = 4000; // ms that a rate is taken over
const LEAST = 1500; // ms: over less, a counter that moves in steps gives no rate
const POLL = 15000; // of what telemetry leaves out: changes of settings

export const store = {
    who: null, // whoami's reply
    status: null, // the last GET /v1/status
    history: [], // [{at, events, lag, c: {NAME: {embedded, written}}}], oldest first
};

const listeners = new Set();
let painting = false;

/// Called once a frame after something changed; returns what ends it.
export function onChange(what) {
    listeners.add(what);
    return () => listeners.delete(what);
}

export function changed() {
    if (painting) return;
    painting = true;
    // A hidden page paints nothing, but its state must not wait for that.
    const later = document.hidden ? (f) => setTimeout(f, 200) : requestAnimationFrame;
    later(() => {
        painting = false;
        for (const what of [...listeners]) what();
    });
}

export const telemetry = new Telemetry(async () => {
    store.who = await get('v1/whoami');
});

telemetry.addEventListener('state', changed);
telemetry.addEventListener('change', (e) => {
    remember(e.detail.at);
    changed();
});

export function canOperate() {
    return store.who?.role === 'operator';
}

/// The overview without routes and collections, the newest that is known; null before anything is.
export function overview() {
    const live = telemetry.topics.pipeline;
    if (!live) return store.status;
    // A member that is unknown is absent from the telemetry: what the last poll said of it is no answer.
    return { ...store.status, lag_ms: null, ...live };
}

const rows = (o) => (Array.isArray(o) ? o : Object.entries(o ?? {}).map(([name, row]) => ({ name, ...row })));

export function collections() {
    return rows(telemetry.topics.collections ?? store.status?.collections ?? []).sort((a, b) =>
        a.name.localeCompare(b.name),
    );
}

export function routes() {
    const live = telemetry.topics.pipeline?.routes;
    if (!live) return store.status?.routes ?? [];
    return Object.entries(live).map(([name, row]) => {
        const [from, to] = name.split(' -> ');
        return { from, to, ...row };
    });
}

/// Names for those who choose: of collections, and of the namespaces that routes lead from.
export function collectionNames() {
    return collections().map((c) => c.name);
}

export function namespaces() {
    return [...new Set(routes().map((r) => r.from))].sort();
}

export function held() {
    const found = overview()?.held ?? [];
    return Array.isArray(found)
        ? found
        : Object.entries(found).map(([guard, question]) => ({ guard, question }));
}

export function jobs() {
    return Object.entries(telemetry.topics.jobs ?? {}).map(([id, job]) => ({ id, ...job }));
}

function remember(at) {
    const o = telemetry.topics.pipeline;
    const c = telemetry.topics.collections;
    const when = Date.parse(at);
    const last = store.history.at(-1);
    if (!o || !c || !Number.isFinite(when) || (last && when - last.at < 500)) return;
    // Counters of another process begin anew: what was before is not comparable.
    if (last && (o.events < last.events || o.started !== last.started)) store.history = [];
    const each = {};
    for (const row of rows(c))
        each[row.name] = {
            embedded: row.embedded ?? 0,
            written: (row.upserted ?? 0) + (row.payloads ?? 0) + (row.removed ?? 0),
        };
    store.history.push({ at: when, started: o.started, events: o.events ?? 0, lag: o.lag_ms, c: each });
    while (store.history[0].at < when - LONGEST) store.history.shift();
}

/// A counter at one point of history: summed over collections, or of one.
function value(point, what, name) {
    if (what === 'events') return point.events;
    if (name) return point.c[name]?.[what] ?? 0;
    let n = 0;
    for (const row of Object.values(point.c)) n += row[what];
    return n;
}

function between(older, newer, what, name) {
    const passed = newer.at - older.at;
    const n = value(newer, what, name) - value(older, what, name);
    return n < 0 || passed < LEAST ? null : (n * 1000) / passed;
}

/// What happens a second now; null while that is not known. `what`: events, embedded, written.
export function rateOf(what, name = null) {
    const newest = store.history.at(-1);
    if (!newest || telemetry.staleFor()) return null;
    const older = store.history.find((p) => p.at >= newest.at - WINDOW - 100);
    return between(older, newest, what, name);
}

/// [{x: seconds before now (negative), y}] of the last minutes; y is null where it is not known.
export function series(what, name = null) {
    const points = store.history;
    const newest = points.at(-1);
    const out = [];
    let from = 0;
    for (let i = 0; newest && i < points.length; ++i) {
        while (points[from].at < points[i].at - WINDOW - 100) ++from;
        const x = (points[i].at - newest.at) / 1000;
        const gap = i > 0 && points[i].at - points[i - 1].at > 3 * WINDOW;
        if (what === 'lag') out.push({ x, y: points[i].lag ?? null });
        else if (gap) out.push({ x, y: null });
        else out.push({ x, y: between(points[from], points[i], what, name) });
    }
    return out;
}

/// Asks for what telemetry does not carry. Failures are seen by the connection's state.
export async function refreshStatus() {
    try {
        store.status = await get('v1/status');
    } catch {
        return;
    }
    changed();
}

let polling = null;

export function startStore() {
    telemetry.start();
    refreshStatus();
    clearInterval(polling);
    polling = setInterval(() => document.hidden || refreshStatus(), POLL);
}

export function stopStore() {
    clearInterval(polling);
    telemetry.stop();
    store.status = null;
    store.history = [];
    changed();
}
