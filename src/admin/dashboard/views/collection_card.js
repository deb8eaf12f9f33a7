// One collection: what it holds, what it owes, whether it is paused, how far its routes are compared.
import { attribute, h, keyed, part, parts, show, text } from '../dom.js';
import { brief, count, rate } from '../format.js';
import { rateOf } from '../store.js';
import { button, icon } from '../ui.js';
import { keepsUp } from '../verdict.js';
import { pause, resume } from './pausing.js';

const STATUSES = ['synced', 'pending', 'stale', 'failed'];

export function makeCard(c) {
    const link = (status) =>
        h(
            'a',
            {
                class: `figure ${status}`,
                href: `#/documents?collection=${encodeURIComponent(c.name)}&status=${status}`,
            },
            h('span', { class: 'number', dataset: { part: status } }),
            h('span', { class: 'label' }, status),
        );
    return h(
        'article',
        { class: 'card', 'aria-label': `Collection ${c.name}` },
        h(
            'header',
            {},
            h('h3', {}, c.name),
            h(
                'span',
                { class: 'state', dataset: { part: 'state' } },
                icon('check'),
                h('span', { dataset: { part: 'word' } }),
            ),
        ),
        h('p', { class: 'reason', dataset: { part: 'reason' } }),
        h(
            'div',
            { class: 'bar', 'aria-hidden': 'true' },
            STATUSES.map((s) => h('span', { class: s, dataset: { part: `bar-${s}` } })),
        ),
        h(
            'div',
            { class: 'figures' },
            STATUSES.map(link),
            h(
                'a',
                { class: 'figure dead', href: `#/dead-letters?collection=${encodeURIComponent(c.name)}` },
                h('span', { class: 'number', dataset: { part: 'dead_letters' } }),
                h('span', { class: 'label' }, 'dead letters'),
            ),
        ),
        h('p', { class: 'small', dataset: { part: 'more' } }),
        h('ul', { class: 'ways', dataset: { part: 'ways' } }),
        h(
            'footer',
            {},
            part(
                button('Pause', () => pause(c.name), {
                    operator: true,
                    glyph: 'pause',
                    name: `Pause ${c.name}`,
                }),
                'pause',
            ),
            part(
                button('Resume', () => resume(c.name), {
                    operator: true,
                    tone: 'primary',
                    glyph: 'play',
                    name: `Resume ${c.name}`,
                }),
                'resume',
            ),
            h(
                'a',
                {
                    class: 'button plain',
                    href: `#/jobs?collection=${encodeURIComponent(c.name)}`,
                    'aria-label': `Backfill ${c.name}`,
                },
                'Backfill…',
            ),
        ),
    );
}

function stateOf(c) {
    if (c.paused_by_operator) return ['amber', 'paused by an operator', 'pause'];
    if (c.paused) return ['red', 'paused', 'alert'];
    if ((c.dead_letters ?? 0) > 0) return ['red', 'dead letters', 'alert'];
    if (!keepsUp(c)) return ['blue', 'catching up', 'arrows'];
    if ((c.in_flight ?? 0) > 0) return ['green', 'keeping up', 'check'];
    return ['green', 'in sync', 'check'];
}

function makeWay() {
    return h('li', {}, h('span', { class: 'from' }), h('progress', { max: 1 }), h('span', { class: 'far' }));
}

function paintWay(node, r) {
    const [from, bar, far] = node.children;
    const done = r.estimate > 0 ? Math.min(1, r.scanned / r.estimate) : 0;
    text(from, r.from);
    bar.value = done;
    bar.setAttribute('aria-label', `${r.from}: ${r.phase}`);
    text(
        far,
        r.phase === 'waiting' || r.phase === 'held'
            ? r.phase
            : `${r.phase}, ${brief(r.scanned)} of about ${brief(r.estimate)}`,
    );
}

export function paintCard(node, c, ways) {
    const p = parts(node);
    const [tone, word, glyph] = stateOf(c);
    if (p.state.dataset.glyph !== glyph) {
        p.state.replaceChild(icon(glyph), p.state.firstElementChild);
        p.state.dataset.glyph = glyph;
    }
    attribute(p.state, 'class', `state ${tone}`);
    attribute(node, 'class', `card ${tone}`);
    text(p.word, word);
    text(p.reason, c.paused || c.paused_by_operator ? c.reason : '');
    show(p.reason, Boolean(p.reason.textContent));
    const total = STATUSES.reduce((n, s) => n + (c[s] ?? 0), 0);
    for (const s of STATUSES) {
        text(p[s], brief(c[s]));
        p[s].title = count(c[s]);
        const share = total ? (c[s] ?? 0) / total : 0;
        show(p[`bar-${s}`], share > 0);
        p[`bar-${s}`].style.flexGrow = share === 0 ? 0 : Math.max(share, 0.015); // what is there is seen
    }
    text(p.dead_letters, brief(c.dead_letters));
    p.dead_letters.parentElement.classList.toggle('some', (c.dead_letters ?? 0) > 0);
    text(
        p.more,
        `${rate(rateOf('written', c.name))} points/s · ${count(c.owed)} owed · embedder ${c.embedder ?? '–'}`,
    );
    keyed(
        p.ways,
        ways.filter((r) => r.phase !== 'done'),
        (r) => r.from,
        makeWay,
        paintWay,
    );
    show(p.pause, !c.paused_by_operator);
    show(p.resume, Boolean(c.paused_by_operator));
}
