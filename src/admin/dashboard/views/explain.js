// The whole story of one document: the conclusion first, then the sides beside each other, then what happened.
import { get, post } from '../api.js';
import { h, text } from '../dom.js';
import { bytes, clock, count, id, moment, relative } from '../format.js';
import { href } from '../listing.js';
import { button, icon, tell, toast } from '../ui.js';

export const title = 'Document';
export const name = 'explain';

const TONES = {
    synced: 'green',
    not_wanted: 'grey',
    gone: 'grey',
    on_its_way: 'blue',
    in_doubt: 'amber',
    waits: 'amber',
    failed: 'red',
    dead_letter: 'red',
    unfit: 'red',
    differs: 'amber',
    left_over: 'amber',
    unknown: 'grey',
};
const GLYPHS = { green: 'check', grey: 'dots', blue: 'arrows', amber: 'pause', red: 'alert' };
const DIGITS = 12;

const code = (said) => (said ? h('code', {}, said) : null);
const short = (digest) => code(digest?.slice(0, DIGITS));
const time = (at) =>
    at ? h('time', { datetime: at, title: `${moment(at)} UTC` }, `${moment(at)} UTC`) : null;

/// One side: [label, value, differs?]
function side(heading, rows, note) {
    return h(
        'div',
        { class: 'side' },
        h('h3', {}, heading),
        note && h('p', { class: 'note' }, note),
        h(
            'dl',
            {},
            rows
                .filter(([, value]) => value !== null && value !== undefined && value !== '')
                .map(([label, value, differs]) =>
                    h(
                        'div',
                        { class: differs ? 'differs' : '' },
                        h('dt', {}, label),
                        h('dd', {}, value, differs && h('span', { class: 'flag' }, 'differs')),
                    ),
                ),
        ),
    );
}

function sourceSide(s) {
    if (s.error) return side('Source', [], `cannot be asked: ${s.error}`);
    if (s.found === null || s.found === undefined) return side('Source', [], 'was not asked');
    if (!s.found) return side('Source', [['as of', time(s.as_of)]], 'holds no such document');
    return side(
        'Source',
        [
            ['size', bytes(s.bytes)],
            ['as of', time(s.as_of)],
        ],
        'MongoDB holds it',
    );
}

function shouldSide(c) {
    if (c.unfit) return side('Should', [], `cannot be rendered: ${c.unfit}`);
    if (!c.should) return side('Should', [], 'nothing');
    const s = c.should;
    return side(
        'Should',
        [
            ['chunks', count(s.chunks)],
            ['text', short(s.text_digest)],
            ['payload', short(s.payload_digest)],
            ['length', bytes(s.text_bytes)],
        ],
        'from the source and the route',
    );
}

function receiptSide(c) {
    const r = c.stored;
    const s = c.should;
    if (!r || !r.version) return side('Receipt', [], 'none: nothing was confirmed yet');
    if (!r.chunks) return side('Receipt', [['version', code(r.version)]], 'confirmed to hold nothing');
    return side(
        'Receipt',
        [
            ['chunks', count(r.chunks), s && r.chunks !== s.chunks],
            ['text', short(r.text_digest), s && r.text_digest !== s.text_digest],
            ['payload', short(r.payload_digest), s && r.payload_digest !== s.payload_digest],
            ['vector', r.vector_version ? `version ${r.vector_version}` : null],
            ['written', time(r.last_success)],
            ['version', code(r.version)],
        ],
        'what Qdrant confirmed',
    );
}

function heldSide(c) {
    const q = c.held ?? {};
    const s = c.should;
    if (q.error) return side('Qdrant', [], `cannot be asked: ${q.error}`);
    if (!q.chunks) return side('Qdrant', [], 'holds nothing of it');
    if (!q.agree)
        return side('Qdrant', [['chunks', count(q.chunks), true]], 'chunks that do not belong together');
    return side(
        'Qdrant',
        [
            ['chunks', count(q.chunks), s && q.chunks !== s.chunks],
            ['text', short(q.text_digest), s && q.text_digest !== s.text_digest],
            ['payload', short(q.payload_digest), s && q.payload_digest !== s.payload_digest],
            ['written', time(q.written)],
            ['version', code(q.version)],
        ],
        'what it holds now',
    );
}

function routeLine(c) {
    const r = c.route ?? {};
    const passes = r.passes === true ? ' lets it in' : r.passes === false ? ' leaves it out' : '';
    return [
        `scan ${r.phase || 'not begun'}`,
        r.filter ? `filter ${r.filter}${passes}` : 'no filter',
        c.in_flight && 'it is in flight',
        c.in_doubt && 'a write is in doubt',
    ]
        .filter(Boolean)
        .join(' · ');
}

function troubleLines(c) {
    const r = c.stored;
    const lines = [];
    if (c.paused) lines.push(['Paused', c.paused]);
    if (r?.code)
        lines.push([r.code, `attempt ${count(r.attempts)}, ${relative(r.last_attempt)}: ${r.error}`]);
    if (r?.waits_for) lines.push(['Waits for', r.waits_for]);
    if (r?.next_attempt)
        lines.push(['Next attempt', `${relative(r.next_attempt)} (${moment(r.next_attempt)} UTC)`]);
    return lines.length
        ? h(
              'dl',
              { class: 'troubles' },
              lines.map(([a, b]) => h('div', {}, h('dt', {}, a), h('dd', {}, b))),
          )
        : null;
}

function collectionPanel(c, source, act) {
    const tone = TONES[c.state] ?? 'grey';
    return h(
        'section',
        { class: `panel story ${tone}`, 'aria-label': `Collection ${c.collection}` },
        h(
            'div',
            { class: 'panel-head' },
            h('h2', {}, c.collection),
            h(
                'div',
                { class: 'actions' },
                button('Retry', () => act(c.collection, {}, 'tried again'), {
                    operator: true,
                    tone: 'primary',
                }),
                button(
                    'Retry with force',
                    () => act(c.collection, { force: true }, 'embedded and written again'),
                    { operator: true },
                ),
                button('Reset attempts', () => act(c.collection, { reset: true }, 'begun anew'), {
                    operator: true,
                }),
            ),
        ),
        h('p', { class: 'conclusion' }, icon(GLYPHS[tone]), h('span', {}, c.conclusion)),
        h('p', { class: 'small' }, routeLine(c)),
        troubleLines(c),
        h('div', { class: 'sides' }, sourceSide(source), shouldSide(c), receiptSide(c), heldSide(c)),
        c.should?.text &&
            h(
                'details',
                {},
                h('summary', {}, 'The text that is embedded'),
                h('pre', { tabindex: '0' }, c.should.text),
            ),
    );
}

function timeline(events) {
    if (!events.length)
        return h('p', { class: 'empty' }, 'Nothing of it happened lately, as far as this process remembers.');
    return h(
        'ol',
        { class: 'timeline' },
        events.map((e) =>
            h(
                'li',
                {},
                h('time', { datetime: e.at, title: moment(e.at) }, clock(e.at)),
                h('span', { class: 'where' }, e.collection ?? 'stream'),
                h('span', { class: 'what' }, e.what.replaceAll('_', ' ')),
                h('span', { class: 'version' }, e.version),
            ),
        ),
    );
}

export function mount(body, { query, heading }) {
    const asked = { namespace: query.get('namespace') ?? '', id: query.get('id') ?? '' };
    const abort = new AbortController();
    const box = h('div', { class: 'story-box' }, h('p', { class: 'empty' }, 'Asking MongoDB and Qdrant…'));
    const crumb = h(
        'p',
        { class: 'crumb' },
        h('a', { href: href('/documents', {}) }, 'Documents'),
        ' / ',
        asked.namespace,
    );
    text(heading, id(asked.id));
    document.title = `${id(asked.id)} – halcyon`;
    const again = button('Ask again', load, {});
    heading.before(h('div', { class: 'crumb-row' }, crumb, again));
    body.append(box);

    async function act(collection, more, said) {
        await post('v1/documents/retry', { documents: [{ ...asked, collection }], ...more });
        toast({ title: `${id(asked.id)} ${said}`, tone: 'good' });
        await load();
    }

    async function load() {
        const d = await get('v1/explain', asked, abort.signal);
        box.replaceChildren(
            ...(d.conclusion ? [h('p', { class: 'panel conclusion' }, d.conclusion)] : []),
            ...(d.stream?.open === false
                ? [
                      h(
                          'p',
                          { class: 'panel conclusion' },
                          `The change stream is not open: ${d.stream.trouble}`,
                      ),
                  ]
                : []),
            ...d.collections.map((c) => collectionPanel(c, d.source, act)),
            h(
                'section',
                { class: 'panel', 'aria-labelledby': 'lately' },
                h('h2', { id: 'lately' }, 'Lately'),
                timeline(d.events),
            ),
        );
    }

    load().catch((error) => {
        tell(error);
        box.replaceChildren(
            h('p', { class: 'empty' }, [error.title, error.detail].filter(Boolean).join(': ')),
        );
    });
    return () => abort.abort();
}
