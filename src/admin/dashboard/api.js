// The HTTP interface. The token is kept for this tab only and never becomes part of an address.

const KEPT = 'halcyon.token';
let token = null;
try {
    token = sessionStorage.getItem(KEPT);
} catch {
    // Storage is switched off: the token lives as long as the page.
}

export function currentToken() {
    return token;
}

export function useToken(value) {
    token = value || null;
    try {
        if (token) sessionStorage.setItem(KEPT, token);
        else sessionStorage.removeItem(KEPT);
    } catch {
        // As above.
    }
}

/// What the server refused, or why it could not be asked: status 0.
export class Problem extends Error {
    constructor(status, title, detail = '', field = '') {
        super(title);
        Object.assign(this, { status, title, detail, field });
    }
}

export function address(path) {
    return new URL(path.replace(/^\//, ''), document.baseURI.split('#')[0]);
}

let whenRefused = () => {};

/// Called when a request is answered with 401: the token is wrong, or not wrong any more but gone.
export function onRefused(what) {
    whenRefused = what;
}

async function ask(method, path, { query, body, signal } = {}) {
    const url = address(path);
    for (const [name, value] of Object.entries(query ?? {}))
        if (value !== undefined && value !== null && value !== '') url.searchParams.set(name, value);
    const headers = { Accept: 'application/json' };
    if (token) headers.Authorization = `Bearer ${token}`;
    if (method !== 'GET') headers['Content-Type'] = 'application/json';
    let reply;
    try {
        reply = await fetch(url, {
            method,
            headers,
            body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
            signal,
            cache: 'no-store',
            credentials: 'omit',
            redirect: 'error',
        });
    } catch (e) {
        if (e.name === 'AbortError') throw e;
        throw new Problem(
            0,
            'halcyon does not answer',
            'It is stopped, or the network is. It is asked again by itself.',
        );
    }
    const said = await reply.json().catch(() => null);
    if (reply.ok) return said;
    const problem = new Problem(
        reply.status,
        said?.title ?? `HTTP ${reply.status}`,
        said?.detail ?? '',
        said?.field ?? '',
    );
    if (reply.status === 401) whenRefused(problem);
    throw problem;
}

export const get = (path, query, signal) => ask('GET', path, { query, signal });
export const post = (path, body) => ask('POST', path, { body });
export const put = (path, body) => ask('PUT', path, { body });
