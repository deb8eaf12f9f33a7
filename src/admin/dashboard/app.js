// The page: who may see it, the header, which view is shown.
import { get, onRefused, useToken } from './api.js';
import { h, show } from './dom.js';
import { Header } from './header.js';
import { login } from './login.js';
import { onChange, startStore, stopStore, store, telemetry } from './store.js';
import { tell, toast } from './ui.js';
import * as deadLetters from './views/dead_letters.js';
import * as documents from './views/documents.js';
import * as explain from './views/explain.js';
import * as jobs from './views/jobs.js';
import * as log from './views/log.js';
import * as overview from './views/overview.js';
import * as settings from './views/settings.js';

const VIEWS = {
    '/': overview,
    '/documents': documents,
    '/documents/explain': explain,
    '/jobs': jobs,
    '/dead-letters': deadLetters,
    '/log': log,
    '/settings': settings,
};
const TOPICS = ['pipeline', 'collections', 'jobs'];

const main = document.getElementById('main');
const top = document.getElementById('top');
const tabs = document.getElementById('tabs');
const header = new Header(top, tabs, { signOut });
let leave = null; // ends the view that is shown
let shown = null; // its path
let signedIn = false;
let version = null; // of the program that was there first

/// "#/documents?status=failed" -> {path, query}
function here() {
    const [path, query] = location.hash.replace(/^#/, '').split('?');
    return { path: VIEWS[path] ? path : '/', query: new URLSearchParams(query ?? '') };
}

function close() {
    leave?.();
    leave = null;
    shown = null;
}

/// Shows the view that the address names. `focus`: whoever navigated lands on its heading.
function route(focus) {
    if (!signedIn) return;
    const { path, query } = here();
    const view = VIEWS[path];
    const same = shown === path;
    close();
    shown = path;
    document.title = `${view.title} – halcyon`;
    header.at(path);
    telemetry.subscribe({ topics: TOPICS, ...view.subscription?.(query) });
    const heading = h('h1', { tabindex: '-1' }, view.title);
    const body = h('div', { class: `view ${view.name}` });
    main.replaceChildren(heading, body);
    try {
        leave = view.mount(body, { query, heading }) ?? (() => {});
    } catch (error) {
        leave = () => {};
        tell(error);
    }
    if (!focus || same) return;
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
}

function signOut() {
    useToken(null);
    enter();
}

function leaveAll() {
    signedIn = false;
    close();
    stopStore();
    store.who = null;
    for (const node of [top, tabs]) show(node, false);
}

/// Asks who we are; a token is asked for only if the server wants one.
async function enter() {
    leaveAll();
    try {
        store.who = await get('v1/whoami');
    } catch (error) {
        if (error.status !== 401) {
            if (error.status) tell(error);
            main.replaceChildren(
                h('div', { class: 'alone' }, h('h1', {}, error.title), h('p', {}, error.detail)),
            );
            setTimeout(enter, 2000);
            return;
        }
        document.title = 'Sign in – halcyon';
        login(main, enter);
        return;
    }
    signedIn = true;
    for (const node of [top, tabs]) show(node, true);
    startStore();
    route(false);
}

telemetry.addEventListener('hello', ({ detail }) => {
    if (version && version !== detail.version)
        toast({ title: `halcyon ${detail.version} runs now`, detail: 'Reload the page for its dashboard.' });
    version = detail.version;
});
onRefused(() => {
    // Tokens can be taken back while the page is open.
    if (signedIn) enter();
});
telemetry.addEventListener('refused', () => signedIn && enter());
addEventListener('hashchange', () => route(true));
addEventListener('online', () => telemetry.now());
document.addEventListener('visibilitychange', () => document.hidden || telemetry.now());
document.getElementById('skip').addEventListener('click', (e) => {
    e.preventDefault();
    main.focus();
    main.scrollIntoView();
});
onChange(() => header.paint());
enter();
