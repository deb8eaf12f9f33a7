// Numbers, durations and times for people. Unknown is a dash, never 0.

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const ONE = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const UNKNOWN = '–';

const known = (n) => typeof n === 'number' && Number.isFinite(n);

/// 12340 -> "12,340"
export function count(n) {
    return known(n) ? WHOLE.format(n) : UNKNOWN;
}

/// 3 -> "3 documents", 1 -> "1 document"
export function counted(n, one, many = `${one}s`) {
    return `${count(n)} ${n === 1 ? one : many}`;
}

/// 1234567 -> "1.2 M"; up to 99,999 in full
export function brief(n) {
    if (!known(n)) return UNKNOWN;
    if (n < 1e5) return WHOLE.format(n);
    if (n < 1e6) return `${WHOLE.format(n / 1e3)} k`;
    if (n < 1e9) return `${ONE.format(n / 1e6)} M`;
    return `${ONE.format(n / 1e9)} G`;
}

/// Per second: "0", "0.4", "12", "1,234"
export function rate(n) {
    if (!known(n)) return UNKNOWN;
    return n > 0 && n < 9.95 ? ONE.format(n) : WHOLE.format(n);
}

/// Milliseconds: "12 ms", "1.2 s", "3 min 20 s", "2 h 5 min", "3 d 4 h"
export function duration(ms) {
    if (!known(ms)) return UNKNOWN;
    if (ms < 1000) return `${WHOLE.format(ms)} ms`;
    if (ms < 10000) return `${ONE.format(ms / 1000)} s`;
    const s = Math.round(ms / 1000);
    if (s < 60) return `${s} s`;
    const two = (big, unit, small, rest) =>
        small ? `${WHOLE.format(big)} ${unit} ${small} ${rest}` : `${WHOLE.format(big)} ${unit}`;
    if (s < 3600) return two(Math.floor(s / 60), 'min', s % 60, 's');
    const minutes = Math.round(s / 60);
    if (minutes < 1440) return two(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
    const hours = Math.round(s / 3600);
    return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

export function seconds(s) {
    if (!known(s)) return UNKNOWN;
    return s < 60 ? `${Math.round(s)} s` : duration(s * 1000);
}

export function bytes(n) {
    if (!known(n)) return UNKNOWN;
    if (n < 1024) return `${WHOLE.format(n)} B`;
    let value = n;
    let unit = '';
    for (unit of ['KiB', 'MiB', 'GiB', 'TiB']) {
        value /= 1024;
        if (value < 1024) break;
    }
    return `${value < 10 ? ONE.format(value) : WHOLE.format(value)} ${unit}`;
}

/// 0.425 -> "42.5 %"
export function share(part) {
    return known(part) ? `${part >= 1 ? 100 : ONE.format(Math.floor(part * 1000) / 10)} %` : UNKNOWN;
}

/// How far the server's clock is ahead of this one, from what it says with every message.
let ahead = 0;

export function serverSays(at) {
    const then = Date.parse(at);
    if (Number.isFinite(then)) ahead = then - Date.now();
}

export function serverNow() {
    return Date.now() + ahead;
}

/// "12 s ago", "in 3 min 20 s", "now"
export function relative(at) {
    const then = Date.parse(at ?? '');
    if (!Number.isFinite(then)) return UNKNOWN;
    const away = then - serverNow();
    if (Math.abs(away) < 1000) return 'now';
    const said = coarse(Math.abs(away));
    return away > 0 ? `in ${said}` : `${said} ago`;
}

function coarse(ms) {
    const s = Math.round(ms / 1000);
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.round(s / 60)} min`;
    if (s < 86400) return `${Math.round(s / 3600)} h`;
    return `${Math.round(s / 86400)} d`;
}

/// "2026-11-28 01:02:03" in UTC, as the command line writes it
export function moment(at) {
    return at ? `${String(at).slice(0, 10)} ${String(at).slice(11, 19)}` : UNKNOWN;
}

/// "01:02:03.123"
export function clock(at) {
    return at ? String(at).slice(11, 23).replace('Z', '') : UNKNOWN;
}

/// The _id as people write it: "a17" without quotes, the rest as it is.
export function id(written) {
    try {
        const value = JSON.parse(written);
        if (typeof value === 'string') return value;
        if (value && typeof value === 'object') {
            const [[name, inner], more] = Object.entries(value);
            if (
                !more &&
                ['$oid', '$numberLong', '$numberInt', '$numberDouble', '$numberDecimal'].includes(name)
            )
                return String(inner);
        }
    } catch {
        // Not JSON: shown as it came.
    }
    return String(written);
}
