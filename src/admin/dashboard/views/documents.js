// Single documents: which ones stand how, and once more.
import { post } from '../api.js';
import { attribute, h, keyed, parts, show, text } from '../dom.js';
import { count, counted, id, moment, relative } from '../format.js';
import { cell, documentCell, href, Listing, table } from '../listing.js';
import { collectionNames, namespaces, onChange, refreshStatus } from '../store.js';
import { button, confirm, empty, field, select, offer, statusMark, toast } from '../ui.js';

export const title = 'Documents';
export const name = 'documents';

const STATUSES = [['', 'any status'], 'synced', 'pending', 'stale', 'failed'];
const keyOf = (row) => JSON.stringify([row.collection, row.namespace, row.id]);
const documentOf = (key) => {
    const [collection, namespace, own] = JSON.parse(key);
    return { collection, namespace, id: own };
};

function makeRow(row, chosen, changedChoice) {
    const key = keyOf(row);
    const tick = h('input', {
        type: 'checkbox',
        'aria-label': `Choose ${id(row.id)} of ${row.namespace} in ${row.collection}`,
    });
    tick.checked = chosen.has(key);
    tick.addEventListener('change', () => {
        if (tick.checked) chosen.add(key);
        else chosen.delete(key);
        changedChoice();
    });
    return h(
        'tr',
        {},
        h('td', { class: 'tick' }, tick),
        cell('Status', 'status', h('span', { dataset: { part: 'status' } })),
        documentCell(row),
        cell('Collection', '', row.collection),
        cell(
            'Why',
            'why',
            h('code', { dataset: { part: 'code' } }),
            h('span', { dataset: { part: 'error' } }),
        ),
        cell('Attempts', 'number', h('span', { dataset: { part: 'attempts' } })),
        cell('Next', 'when', h('span', { dataset: { part: 'next' } })),
        cell('Changed', 'when', h('span', { dataset: { part: 'changed' } })),
    );
}

function paintRow(node, row, chosen) {
    const p = parts(node);
    node.querySelector('input').checked = chosen.has(keyOf(row));
    if (p.status.dataset.status !== String(row.status)) {
        p.status.dataset.status = String(row.status);
        p.status.replaceChildren(statusMark(row.status));
    }
    text(p.code, row.code);
    show(p.code, Boolean(row.code));
    text(p.error, row.error ?? row.waits_for ?? '');
    text(p.attempts, row.attempts ? count(row.attempts) : '');
    text(p.next, row.dead_letter ? 'never: dead letter' : row.next_attempt ? relative(row.next_attempt) : '');
    attribute(p.next, 'title', row.next_attempt && `${moment(row.next_attempt)} UTC`);
    text(p.changed, relative(row.changed));
    attribute(p.changed, 'title', row.changed && `${moment(row.changed)} UTC`);
}

/// The three fields of the filter; they are kept in the address.
function filterForm(query, apply) {
    const status = select(STATUSES, query.get('status') ?? '');
    const collection = select([['', 'all collections']], '');
    const ns = select([['', 'all namespaces']], '');
    collection.dataset.wanted = query.get('collection') ?? '';
    ns.dataset.wanted = query.get('namespace') ?? '';
    const form = h(
        'form',
        { class: 'filter', 'aria-label': 'Filter of documents' },
        field('Status', status),
        field('Collection', collection),
        field('Namespace', ns),
    );
    form.addEventListener('submit', (e) => e.preventDefault());
    for (const node of [status, collection, ns])
        node.addEventListener('change', () => {
            delete node.dataset.wanted;
            apply();
        });
    const value = (node) => node.dataset.wanted ?? node.value;
    return {
        form,
        value: () => ({ status: status.value, collection: value(collection), namespace: value(ns) }),
        options() {
            offer(collection, 'all collections', collectionNames());
            offer(ns, 'all namespaces', namespaces());
        },
    };
}

/// To the story of any document, also of one that no list has.
function lookup() {
    const ns = select([['', 'namespace']], '', { 'aria-label': 'Namespace of the document' });
    const own = h('input', {
        'aria-label': '_id of the document',
        placeholder: '_id',
        required: true,
        spellcheck: 'false',
        autocomplete: 'off',
    });
    ns.required = true;
    const form = h(
        'form',
        { class: 'lookup', 'aria-label': 'Explain a document' },
        ns,
        own,
        h('button', { type: 'submit', class: 'button plain' }, 'Explain'),
    );
    form.addEventListener('submit', (e) => {
        e.preventDefault();
        location.hash = href('/documents/explain', { namespace: ns.value, id: own.value.trim() });
    });
    return { form, options: () => offer(ns, 'namespace', namespaces()) };
}

export function mount(body, { query }) {
    const chosen = new Set();
    const filter = filterForm(query, () => {
        history.replaceState(null, '', href('/documents', filter.value()));
        chosen.clear();
        paintChoice();
        listing.restart();
    });

    const soon = async (said) => {
        toast({ title: said, tone: 'good' });
        chosen.clear();
        paintChoice();
        refreshStatus();
        await listing.load();
    };
    const again = (more, said) => async () => {
        const documents = [...chosen].map(documentOf);
        const { retried } = await post('v1/documents/retry', { documents, ...more });
        await soon(`${counted(retried, 'document')} ${said}`);
    };
    const inCollection = () => (filter.value().collection ? { collection: filter.value().collection } : {});
    const everyOne = (status, question, said) => async () => {
        const where = inCollection();
        const yes = await confirm({
            title: question,
            says: where.collection ? `In the collection ${where.collection}.` : 'In all collections.',
            yes: 'Go on',
        });
        if (!yes) return;
        const { retried } = await post('v1/documents/retry', { status, ...where });
        await soon(`${counted(retried, 'document')} ${said}`);
    };

    const look = lookup();
    const many = h('span', { class: 'many', role: 'status' });
    const own = [
        button('Retry', again({}, 'tried again'), {
            operator: true,
            tone: 'primary',
            title: 'Read from MongoDB again and tried now',
        }),
        button('Retry with force', again({ force: true }, 'embedded and written again'), {
            operator: true,
            title: 'Embedded and written even if nothing differs',
        }),
        button('Reset attempts', again({ reset: true }, 'begun anew'), {
            operator: true,
            title: 'Tried again, and the failed attempts are forgotten',
        }),
    ];
    const choice = h('div', { class: 'choice', role: 'group', 'aria-label': 'Chosen documents' }, many, own);
    const all = h(
        'div',
        { class: 'all', role: 'group', 'aria-label': 'Many documents' },
        button('Retry all failed', everyOne('failed', 'Retry all that have failed?', 'tried again'), {
            operator: true,
        }),
        button('Sync all pending', everyOne('pending', 'Try all that are pending?', 'tried now'), {
            operator: true,
        }),
        button(
            'Run the retry worker',
            async () => {
                const { collections: n } = await post('v1/worker/run', inCollection());
                toast({
                    title: `The next cycle of retries begins now, in ${counted(n, 'collection')}`,
                    tone: 'good',
                });
            },
            { operator: true, title: 'What is due is tried now; what is not due stays' },
        ),
    );

    const list = table(
        [
            ['', 'tick'],
            ['Status'],
            ['Document'],
            ['Collection'],
            ['Why'],
            ['Attempts', 'number'],
            ['Next', 'when'],
            ['Changed', 'when'],
        ],
        'Documents, the latest change first',
    );
    const allTick = h('input', { type: 'checkbox', 'aria-label': 'Choose all of this page' });
    list.head.firstElementChild.append(allTick);
    let rows = [];
    allTick.addEventListener('change', () => {
        for (const row of rows) {
            if (allTick.checked) chosen.add(keyOf(row));
            else chosen.delete(keyOf(row));
        }
        paintRows();
        paintChoice();
    });
    const box = h('section', { class: 'panel flush', 'aria-label': 'Documents' }, list.root);
    const listing = new Listing({
        path: 'v1/documents',
        member: 'documents',
        query: filter.value,
        paint: (found) => {
            rows = found;
            paintRows();
            paintChoice();
        },
    });

    function paintRows() {
        keyed(
            list.body,
            rows,
            keyOf,
            (row) => makeRow(row, chosen, paintChoice),
            (node, row) => paintRow(node, row, chosen),
        );
        show(list.root, rows.length > 0);
        empty(
            box,
            rows.length
                ? ''
                : filter.value().status
                  ? `No document is ${filter.value().status} here.`
                  : 'No document is known here yet.',
        );
    }

    function paintChoice() {
        choice.classList.toggle('none', chosen.size === 0);
        text(many, chosen.size ? `${count(chosen.size)} chosen` : 'None chosen');
        for (const node of own) node.disabled = chosen.size === 0;
        const here = rows.filter((row) => chosen.has(keyOf(row))).length;
        allTick.checked = rows.length > 0 && here === rows.length;
        allTick.indeterminate = here > 0 && here < rows.length;
    }

    body.append(
        h('div', { class: 'bar-row' }, filter.form, all),
        h('div', { class: 'bar-row' }, choice, look.form),
        box,
        listing.pager,
    );
    paintChoice();
    const options = () => {
        filter.options();
        look.options();
    };
    options();
    const end = onChange(options);
    return () => {
        end();
        listing.close();
    };
}
