// How it goes: what is wrong and what to do, the flow, the last minutes, each collection.
import { post } from '../api.js';
import { Charts } from '../charts.js';
import { h, keyed, show, text } from '../dom.js';
import { Flow } from '../flow.js';
import { bytes, count, duration, seconds, serverNow } from '../format.js';
import {
    collectionNames,
    collections,
    held,
    onChange,
    overview,
    refreshStatus,
    routes,
    store,
} from '../store.js';
import { confirm, select, offer, toast } from '../ui.js';
import { Attention } from './attention.js';
import { makeCard, paintCard } from './collection_card.js';

export const title = 'Overview';
export const name = 'overview';

export function subscription() {
    return {};
}

async function letGo() {
    const questions = held();
    const yes = await confirm({
        title: 'Let it go on?',
        says:
            questions.length > 1
                ? 'These guards stopped it. All of them let go at once:'
                : 'This guard stopped it:',
        points: questions.map((q) => `${q.guard}: ${q.question}`),
        yes: 'Let it go on',
    });
    if (!yes) return;
    const { released } = await post('v1/apply', {});
    toast({ title: released === 1 ? 'The guard let go' : `${released} guards let go`, tone: 'good' });
    refreshStatus();
}

/// [label, value, note]: what is worth knowing of the process.
function facts(o) {
    if (!o) return [];
    const memory = o.memory ?? {};
    const history = o.history ?? {};
    const rows = [
        [
            'Running for',
            o.started ? duration(serverNow() - Date.parse(o.started)) : '–',
            `epoch ${o.epoch ?? '–'}`,
        ],
        ['Memory', bytes(memory.resident_bytes), memory.limit_bytes ? `of ${bytes(memory.limit_bytes)}` : ''],
        [
            'History left',
            seconds(history.left_s),
            history.low ? `low: less than ${seconds(history.warning_s)}` : (history.unknown ?? ''),
        ],
        ['Texts embedded', count(o.embedded_texts), `in ${count(o.embedding_requests)} requests`],
        ['Stream reopened', count(o.reopened), `${count(o.rescans)} rescans`],
    ];
    const cache = o.vector_cache;
    if (cache) {
        const asked = cache.hits + cache.misses;
        rows.push([
            'Vector cache',
            bytes(cache.bytes),
            asked ? `${Math.round((cache.hits * 100) / asked)} % found` : 'not asked yet',
        ]);
    }
    const back = o.status_writeback;
    if (back)
        rows.push([
            'Status write-back',
            count(back.written),
            back.trouble || `${count(back.waiting)} waiting`,
        ]);
    return rows;
}

function makeFact([label]) {
    return h(
        'div',
        { class: 'fact' },
        h('dt', {}, label),
        h('dd', {}, h('span', { class: 'value' }), h('span', { class: 'note' })),
    );
}

function paintFact(node, [, value, note]) {
    text(node.querySelector('.value'), value);
    text(node.querySelector('.note'), note);
    node.querySelector('.note').title = note;
}

export function mount(body, { heading }) {
    heading.classList.add('unseen'); // the tab says it already
    const attentionBox = h('section', { class: 'attention', 'aria-labelledby': 'attention-title' });
    const chosen = select([['', 'All collections']], '', {
        'aria-label': 'Collection that flow and charts show',
    });
    const flowBox = h('div', { class: 'flow-box' });
    const stuckList = h('ul', { class: 'stuck' });
    const chartTitle = h('h2', { id: 'charts-title' });
    const chartBox = h('div', { class: 'charts' });
    const cards = h('div', { class: 'cards' });
    const factList = h('dl', { class: 'facts' });
    body.append(
        attentionBox,
        h(
            'section',
            { class: 'panel flow-panel', 'aria-labelledby': 'flow-title' },
            h('div', { class: 'panel-head' }, h('h2', { id: 'flow-title' }, 'Flow'), chosen),
            flowBox,
            stuckList,
        ),
        h('section', { class: 'panel', 'aria-labelledby': 'charts-title' }, chartTitle, chartBox),
        h(
            'section',
            { 'aria-labelledby': 'cards-title' },
            h('h2', { id: 'cards-title' }, 'Collections'),
            cards,
        ),
        h(
            'section',
            { class: 'panel', 'aria-labelledby': 'facts-title' },
            h('h2', { id: 'facts-title' }, 'Process'),
            factList,
        ),
    );
    const attention = new Attention(attentionBox, { letGo });
    const flow = new Flow(flowBox);
    const charts = new Charts(chartBox);

    function paint() {
        const o = overview();
        const all = collections();
        offer(chosen, 'All collections', collectionNames());
        const one = chosen.value || null;
        const troubles = flow.paint(one ? all.filter((c) => c.name === one) : all, one);
        keyed(
            stuckList,
            troubles,
            (t) => `${t.stage}:${t.says}`,
            () => h('li'),
            (node, t) => {
                node.className = t.tone;
                text(
                    node,
                    `${t.names.length && t.stage !== 'source' ? `${t.names.join(', ')}: ` : ''}${t.says}`,
                );
            },
        );
        show(stuckList, Boolean(one) && troubles.length > 0); // for all of them the list above tells it
        const minutes = charts.paint(one);
        text(chartTitle, minutes === 1 ? 'The last minute' : `The last ${minutes} minutes`);
        attention.paint(o, all, held(), store.status?.changes ?? []);
        const ways = routes();
        keyed(
            cards,
            all,
            (c) => c.name,
            makeCard,
            (node, c) =>
                paintCard(
                    node,
                    c,
                    ways.filter((r) => r.to === c.name),
                ),
        );
        keyed(factList, facts(o), ([label]) => label, makeFact, paintFact);
    }

    chosen.addEventListener('change', paint);
    refreshStatus();
    const end = onChange(paint);
    paint();
    return () => {
        end();
        flow.close();
        charts.close();
    };
}
