// The header: how it goes in one word, whether what is shown is of now, theme, role; and the tabs.
import { attribute, h, show, text } from './dom.js';
import { brief, seconds } from './format.js';
import { collections, jobs, overview, routes, store, telemetry } from './store.js';
import { button, icon } from './ui.js';
import { behind, silent, verdict } from './verdict.js';

const TABS = [
    ['/', 'Overview'],
    ['/documents', 'Documents'],
    ['/jobs', 'Jobs'],
    ['/dead-letters', 'Dead letters'],
    ['/log', 'Log'],
    ['/settings', 'Settings'],
];
const GLYPHS = { unknown: 'dots', sync: 'check', catching: 'arrows', waiting: 'pause', person: 'alert' };
const SILENT = 10000; // ms without a word: what was said then is no verdict any more
const THEMES = ['auto', 'light', 'dark'];
const THEME_GLYPHS = { auto: 'auto', light: 'sun', dark: 'moon' };

export function theme() {
    return document.documentElement.dataset.theme ?? 'auto';
}

function useTheme(name) {
    if (name === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    try {
        localStorage.setItem('halcyon.theme', name);
    } catch {
        // It holds until the page is closed.
    }
    dispatchEvent(new Event('themechange'));
}

export class Header {
    constructor(top, tabs, { signOut }) {
        this.version = h('span', { class: 'version' });
        this.glyph = h('span', { class: 'glyph' });
        this.word = h('span', { class: 'word' });
        this.says = h('span', { class: 'says' });
        this.behind = h('span', { class: 'behind' });
        this.verdict = h(
            'div',
            { class: 'verdict' },
            this.glyph,
            h('div', {}, h('div', { class: 'line' }, this.word, this.says), this.behind),
            (this.told = h('span', { class: 'unseen', 'aria-live': 'polite' })),
        );
        this.connection = h(
            'span',
            { class: 'connection' },
            h('span', { class: 'dot', 'aria-hidden': 'true' }),
            (this.connectionText = h('span', { role: 'status' })),
            (this.since = h('span', { class: 'since' })),
        );
        this.theme = button(
            '',
            () => {
                useTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
                this.paintTheme();
            },
            { tone: 'bare' },
        );
        this.theme.classList.add('theme');
        this.role = h('span', { class: 'role' });
        this.out = button('Sign out', signOut, { tone: 'bare' });
        top.append(
            h(
                'a',
                { class: 'brand', href: '#/' },
                h('img', { src: 'assets/favicon.svg', alt: '', width: 30, height: 30 }),
                h('span', { class: 'name' }, 'halcyon'),
                this.version,
            ),
            this.verdict,
            h('div', { class: 'side' }, this.connection, this.role, this.theme, this.out),
        );
        this.tabs = new Map();
        for (const [path, label] of TABS) {
            const badge = h('span', { class: 'badge', hidden: true });
            const tab = h('a', { href: `#${path}` }, label, badge);
            tabs.append(tab);
            this.tabs.set(path, { tab, badge });
        }
        this.paintTheme();
    }

    at(path) {
        for (const [own, { tab }] of this.tabs) {
            const inside = own === path || (own !== '/' && path.startsWith(`${own}/`));
            attribute(tab, 'aria-current', inside ? 'page' : null);
            if (inside) tab.scrollIntoView({ block: 'nearest', inline: 'center' });
        }
    }

    paintTheme() {
        const now = theme();
        const label = `Theme: ${now}`;
        this.theme.replaceChildren(icon(THEME_GLYPHS[now]));
        this.theme.setAttribute('aria-label', label);
        this.theme.title = this.theme.dataset.title = label;
    }

    paint() {
        const o = overview();
        const rows = collections();
        const stale = telemetry.staleFor();
        const v =
            stale > SILENT && stale < Infinity
                ? silent(verdict(o, rows, routes()))
                : verdict(o, rows, routes());
        if (this.verdict.dataset.state !== v.state) {
            this.verdict.dataset.state = v.state;
            this.glyph.replaceChildren(icon(GLYPHS[v.state]));
            text(this.told, `${v.word}: ${v.says}`); // once: its numbers may change all the time
        }
        text(this.word, v.word);
        text(this.says, v.says);
        this.says.title = v.says;
        text(this.behind, behind(o, rows));
        text(this.version, store.who?.version ?? o?.version ?? '');
        text(this.role, store.who ? [store.who.name, store.who.role].filter(Boolean).join(' · ') : '');
        show(this.out, Boolean(store.who?.tokens));
        this.paintConnection();
        this.badge(
            '/jobs',
            jobs().filter((j) => j.state === 'running' || j.state === 'paused').length,
            'under way',
        );
        this.badge(
            '/dead-letters',
            rows.reduce((n, c) => n + (c.dead_letters ?? 0), 0),
            'waiting for a person',
        );
    }

    paintConnection() {
        const stale = telemetry.staleFor();
        const fresh = stale === 0;
        const first = stale === Infinity;
        document.documentElement.dataset.connection = fresh ? 'live' : first ? 'connecting' : 'stale';
        text(this.connectionText, fresh ? 'Live' : first ? 'Connecting' : 'Stale');
        const again = telemetry.retryAt ? Math.max(0, Math.ceil((telemetry.retryAt - Date.now()) / 1000)) : 0;
        text(
            this.since,
            fresh || first
                ? ''
                : ` since ${seconds(Math.floor(stale / 1000))}${again ? `, again in ${again} s` : ''}`,
        );
    }

    badge(path, n, what) {
        const { badge } = this.tabs.get(path);
        show(badge, n > 0);
        text(badge, n > 0 ? brief(n) : '');
        badge.title = n > 0 ? `${n} ${what}` : '';
    }
}
