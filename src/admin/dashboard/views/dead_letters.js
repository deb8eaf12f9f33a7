// Documents that are not tried again by themselves: what they were, once more, or forgotten.
import { post } from '../api.js';
import { attribute, h, keyed, parts, show, text } from '../dom.js';
import { count, counted, id, moment, relative } from '../format.js';
import { cell, documentCell, href, Listing, table } from '../listing.js';
import { collectionNames, onChange, refreshStatus } from '../store.js';
import { button, confirm, empty, field, select, offer, sheet, toast } from '../ui.js';

export const title = 'Dead letters';
export const name = 'dead-letters';

const keyOf = (row) => JSON.stringify([row.collection, row.namespace, row.id]);

/// As it would be written in a file; what is no JSON is shown as it came.
function pretty(payload) {
    if (typeof payload !== 'string') return JSON.stringify(payload, null, 2);
    try {
        return JSON.stringify(JSON.parse(payload), null, 2);
    } catch {
        return payload;
    }
}

export function mount(body, { query }) {
    const collection = select([['', 'all collections']], '');
    collection.dataset.wanted = query.get('collection') ?? '';
    const chosen = () => collection.dataset.wanted ?? collection.value;
    const list = table(
        [['Document'], ['Collection'], ['Why'], ['Attempts', 'number'], ['Last', 'when'], ['', 'acts']],
        'Dead letters',
    );
    const box = h('section', { class: 'panel flush', 'aria-label': 'Dead letters' }, list.root);
    const all = button(
        'Retry all',
        async () => {
            const yes = await confirm({
                title: 'Retry all dead letters?',
                says: 'Those of all collections are read from MongoDB again and tried once more.',
                yes: 'Retry all',
            });
            if (!yes) return;
            const { letters } = await post('v1/dead-letters/retry', { all: true });
            await done(`${counted(letters, 'dead letter')} tried again`);
        },
        { operator: true },
    );
    const listing = new Listing({
        path: 'v1/dead-letters',
        member: 'letters',
        query: () => ({ collection: chosen() }),
        paint,
    });

    async function done(said) {
        toast({ title: said, tone: 'good' });
        refreshStatus();
        await listing.load();
    }

    async function retry(row) {
        await post('v1/dead-letters/retry', {
            collection: row.collection,
            namespace: row.namespace,
            id: row.id,
        });
        await done(`${id(row.id)} tried again`);
    }

    async function drop(row) {
        const yes = await confirm({
            title: `Drop the dead letter of ${id(row.id)}?`,
            says: `This cannot be undone. The letter is forgotten; ${row.collection} keeps what it holds of the document until it changes again.`,
            yes: 'Drop it',
            tone: 'danger',
        });
        if (!yes) return;
        await post('v1/dead-letters/drop', {
            collection: row.collection,
            namespace: row.namespace,
            id: row.id,
        });
        await done(`The dead letter of ${id(row.id)} is dropped`);
    }

    function make(row) {
        const of = `${id(row.id)} in ${row.collection}`;
        return h(
            'tr',
            {},
            documentCell(row),
            cell('Collection', '', row.collection),
            cell(
                'Why',
                'why',
                h('code', { dataset: { part: 'code' } }),
                h('span', { dataset: { part: 'reason' } }),
            ),
            cell('Attempts', 'number', h('span', { dataset: { part: 'attempts' } })),
            cell('Last', 'when', h('span', { dataset: { part: 'last' } })),
            h(
                'td',
                { class: 'acts' },
                h(
                    'div',
                    { class: 'actions' },
                    button(
                        'Payload',
                        () =>
                            sheet(
                                `Payload of ${of}`,
                                h('pre', { tabindex: '0' }, pretty(row.payload) || 'There is none.'),
                            ),
                        { name: `Payload of ${of}` },
                    ),
                    button('Retry', () => retry(row), { operator: true, name: `Retry ${of}` }),
                    button('Drop', () => drop(row), {
                        operator: true,
                        tone: 'danger-plain',
                        name: `Drop ${of}`,
                    }),
                ),
            ),
        );
    }

    function paint(rows) {
        keyed(list.body, rows, keyOf, make, (node, row) => {
            const p = parts(node);
            text(p.code, row.code);
            text(p.reason, row.reason);
            text(p.attempts, count(row.attempts));
            text(p.last, relative(row.last));
            attribute(p.last, 'title', `${moment(row.last)} UTC; first ${moment(row.first)} UTC`);
        });
        show(list.root, rows.length > 0);
        empty(box, rows.length ? '' : 'No dead letters: no document needs a person.');
    }

    const form = h(
        'form',
        { class: 'filter', 'aria-label': 'Filter of dead letters' },
        field('Collection', collection),
    );
    form.addEventListener('submit', (e) => e.preventDefault());
    collection.addEventListener('change', () => {
        delete collection.dataset.wanted;
        history.replaceState(null, '', href('/dead-letters', { collection: chosen() }));
        listing.restart();
    });
    body.append(h('div', { class: 'bar-row' }, form, h('div', { class: 'all' }, all)), box, listing.pager);
    const options = () => offer(collection, 'all collections', collectionNames());
    options();
    const end = onChange(options);
    return () => {
        end();
        listing.close();
    };
}
