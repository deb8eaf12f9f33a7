// The live tail: what happens to documents, and what the program says.
import { get, put } from '../api.js';
import { h, show, text } from '../dom.js';
import { clock, count, id } from '../format.js';
import { href } from '../listing.js';
import { collectionNames, namespaces, onChange, telemetry } from '../store.js';
import { button, empty, field, select, offer, tell, toast } from '../ui.js';

export const title = 'Log';
export const name = 'log';

const LONGEST = 500; // rows kept in each list
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'];
const WHAT = {
    '': 'everything',
    changed: 'changed',
    deleted: 'deleted',
    embedded_and_written: 'embedded and written',
    payload_written: 'payload written',
    removed: 'removed',
    held_already: 'held already',
    not_wanted: 'not wanted',
    superseded: 'superseded',
    owed: 'owed',
    failed: 'failed',
    buried: 'dead letter',
    doubted: 'in doubt',
    too_large: 'too large',
};
const BAD = new Set(['failed', 'buried', 'doubted', 'too_large']);

/// One list that grows at its top, can be held, and says what it left out.
class Tail {
    constructor(label, make) {
        this.make = make;
        this.held = false;
        this.waiting = [];
        this.skipped = 0;
        this.list = h('div', {
            class: 'tail',
            role: 'log',
            'aria-live': 'off',
            'aria-label': label,
            tabindex: '0',
        });
        this.note = h('span', { class: 'small', role: 'status' });
        this.hold = button('Hold', () => {
            this.held = !this.held;
            text(this.hold.querySelector('span'), this.held ? 'Go on' : 'Hold');
            if (!this.held) this.add(this.waiting.splice(0), 0);
            this.say();
        });
        this.clear = button('Clear', () => {
            this.list.replaceChildren();
            this.skipped = 0;
            this.say();
        });
        this.box = h('div', { class: 'tail-box' }, this.list);
        this.say();
    }

    take({ data, skipped }) {
        this.skipped += skipped ?? 0;
        if (this.held) {
            this.waiting.push(...data);
            this.waiting.splice(0, this.waiting.length - LONGEST);
        } else this.add(data);
        this.say();
    }

    add(rows) {
        this.list.prepend(...rows.map(this.make).reverse());
        while (this.list.children.length > LONGEST) this.list.lastElementChild.remove();
    }

    say() {
        empty(
            this.box,
            this.list.children.length ? '' : 'Nothing yet; what happens from now on appears here.',
        );
        show(this.list, this.list.children.length > 0);
        const parts = [];
        if (this.held) parts.push(`held, ${count(this.waiting.length)} wait`);
        if (this.skipped) parts.push(`${count(this.skipped)} left out: too fast to show`);
        text(this.note, parts.join(' · '));
    }
}

function eventRow(e) {
    return h(
        'div',
        { class: BAD.has(e.what) ? 'bad' : '' },
        h('time', { datetime: e.at }, clock(e.at)),
        h('span', { class: 'what' }, WHAT[e.what] ?? e.what),
        h('a', { href: href('/documents/explain', { namespace: e.namespace, id: e.id }) }, id(e.id)),
        h('span', { class: 'soft' }, e.collection ? `${e.namespace} → ${e.collection}` : e.namespace),
    );
}

function logRow(line) {
    return h(
        'div',
        { class: `level ${line.level}` },
        h('time', { datetime: line.at }, clock(line.at)),
        h('span', { class: 'what' }, line.level),
        h('span', { class: 'component' }, line.component),
        h('span', { class: 'message' }, line.message),
    );
}

let wanted = { events: {}, log: { level: 'info' } };

export function subscription() {
    return { topics: ['pipeline', 'collections', 'jobs', 'events', 'log'], hz: 2, ...wanted };
}

export function mount(body) {
    const events = new Tail('Events', eventRow);
    const log = new Tail('Log', logRow);
    const collection = select([['', 'all collections']], '');
    const ns = select([['', 'all namespaces']], '');
    const what = select(Object.entries(WHAT), '');
    const level = select(LEVELS, wanted.log.level);
    const process = select(LEVELS, 'info');
    collection.dataset.wanted = wanted.events.collection ?? '';
    ns.dataset.wanted = wanted.events.namespace ?? '';
    what.value = wanted.events.what?.[0] ?? '';

    function subscribe() {
        const value = (node) => node.dataset.wanted ?? node.value;
        const filter = {};
        if (value(collection)) filter.collection = value(collection);
        if (value(ns)) filter.namespace = value(ns);
        if (what.value) filter.what = [what.value];
        wanted = { events: filter, log: { level: level.value } };
        telemetry.subscribe(subscription());
    }

    for (const node of [collection, ns, what, level])
        node.addEventListener('change', () => {
            delete node.dataset.wanted;
            subscribe();
        });

    const set = button(
        'Set',
        async () => {
            const reply = await put('v1/log', { level: process.value });
            process.value = reply.level;
            toast({ title: `The process logs from ${reply.level} on`, tone: 'good' });
        },
        { operator: true, name: 'Set the level of the process' },
    );

    const filter = (label, ...fields) => {
        const form = h('form', { class: 'filter', 'aria-label': label }, fields);
        form.addEventListener('submit', (e) => e.preventDefault());
        return form;
    };
    body.append(
        h(
            'section',
            { class: 'panel', 'aria-labelledby': 'events-title' },
            h(
                'div',
                { class: 'panel-head' },
                h('h2', { id: 'events-title' }, 'Events of documents'),
                h('div', { class: 'actions' }, events.hold, events.clear),
            ),
            filter(
                'Filter of events',
                field('What', what),
                field('Collection', collection),
                field('Namespace', ns),
            ),
            events.note,
            events.box,
        ),
        h(
            'section',
            { class: 'panel', 'aria-labelledby': 'log-title' },
            h(
                'div',
                { class: 'panel-head' },
                h('h2', { id: 'log-title' }, 'What the program says'),
                h('div', { class: 'actions' }, log.hold, log.clear),
            ),
            filter(
                'Levels of the log',
                field('Shown from', level),
                h('div', { class: 'joined' }, field('Written by the process from', process), set),
            ),
            log.note,
            log.box,
        ),
    );

    const onEvents = (e) => events.take(e.detail);
    const onLog = (e) => log.take(e.detail);
    telemetry.addEventListener('events', onEvents);
    telemetry.addEventListener('log', onLog);
    const options = () => {
        offer(collection, 'all collections', collectionNames());
        offer(ns, 'all namespaces', namespaces());
    };
    options();
    const end = onChange(options);
    get('v1/log').then((reply) => (process.value = reply.level), tell);
    return () => {
        end();
        telemetry.removeEventListener('events', onEvents);
        telemetry.removeEventListener('log', onLog);
    };
}
