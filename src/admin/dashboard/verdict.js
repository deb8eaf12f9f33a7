// From the overview to one word that a tired person understands, and what to do. No elements, no requests.
import { counted, duration } from './format.js';

/// Codes of readiness that do not mend themselves.
const PERSON = new Set(['held', 'dead_letters', 'history_low', 'position_stuck', 'state_failing']);
const PROMPT = 5000; // ms of lag that nobody notices
const WAITS = new Set(['paused', 'paused_by_operator', 'stream_closed', 'starting', 'lag']);

/// What a person does about a reason; the link leads to the place where it is done.
const ADVICE = {
    stream_closed: { what: 'MongoDB is away or refuses. It is opened again by itself.', why: 'MongoDB' },
    position_stuck: {
        what: 'Something before this position is never settled. Look at what is in doubt and at paused collections; the log tells more.',
        link: '#/log',
        label: 'Open the log',
    },
    lag: { what: 'More changes arrive than are taken. The flow below shows which side is slow.' },
    history_low: {
        what: 'MongoDB drops history that is still needed soon. Make the oplog larger, or mend what holds us back.',
    },
    paused: {
        what: 'The service behind it is away or full. Other collections go on; this one goes on by itself when the service is mended.',
    },
    paused_by_operator: {
        what: 'Changes become owed meanwhile. Nothing is lost; resume it when you are done.',
        label: 'Resume',
    },
    held: {
        what: 'More would be embedded or removed than the guards allow. Look at the question and decide.',
    },
    dead_letters: {
        what: 'These documents are not tried again by themselves. Mend them or the settings, then retry.',
        link: '#/dead-letters',
        label: 'Show dead letters',
    },
    state_failing: {
        what: 'The state folder cannot be written. Look at the disk.',
        link: '#/log',
        label: 'Open the log',
    },
    starting: { what: 'It connects and opens the collections. This takes seconds.' },
};

export function advice(code) {
    return ADVICE[code] ?? { what: 'The log tells more.', link: '#/log', label: 'Open the log' };
}

export function needsPerson(code) {
    return PERSON.has(code);
}

const sum = (rows, name) => rows.reduce((n, row) => n + (row[name] ?? 0), 0);

/// How many documents are not yet as they should be: under way, which those that wait are too, or owed.
function documentsWaiting(collections) {
    return sum(collections, 'in_flight') + sum(collections, 'owed');
}

/// What readiness tells, and dead letters: short of their bound halcyon stays ready, but somebody must look at them.
export function reasons(overview, collections) {
    const told = overview?.ready?.reasons ?? [];
    const toldOf = (c) => told.some((r) => r.code === 'dead_letters' && r.collection === c.name);
    const letters = collections.filter((c) => c.dead_letters > 0 && !toldOf(c));
    return [
        ...told,
        ...letters.map(({ name, dead_letters: n }) => ({
            code: 'dead_letters',
            says: `${name}: ${counted(n, 'dead letter')}`,
            collection: name,
        })),
    ];
}

/// Nothing was heard for that long: what was true then may not be.
export function silent(last) {
    return {
        state: 'unknown',
        word: 'No answer',
        says: `when it was heard last: ${last.word.toLowerCase()}`,
    };
}

/// Changes are on their way in it, but nothing is left behind.
export function keepsUp(c) {
    return [c.owed, c.pending, c.stale, c.failed].every((n) => !n);
}

/// {state: unknown|sync|catching|waiting|person, word, says}
export function verdict(overview, collections, routes = []) {
    if (!overview) return { state: 'unknown', word: 'Connecting', says: 'asking halcyon how it is' };
    const all = reasons(overview, collections);
    const person = all
        .filter((r) => PERSON.has(r.code))
        .sort((a, b) => Number(b.code === 'held') - Number(a.code === 'held'));
    if (!all.some((r) => r.code === 'held') && Object.keys(overview.held ?? {}).length)
        person.unshift({ says: 'a guard asks a question' });
    if (overview.stopping)
        return { state: 'waiting', word: 'Stopping', says: 'it finishes what is under way' };
    if (person.length)
        return {
            state: 'person',
            word: 'Needs you',
            says: person[0].says + (person.length > 1 ? `, and ${person.length - 1} more` : ''),
        };
    if (!overview.streaming)
        return {
            state: 'waiting',
            word: 'Waiting',
            says: overview.trouble || 'the change stream is not open yet',
        };
    const waits = all.find((r) => WAITS.has(r.code) && r.code !== 'lag');
    if (waits) return { state: 'waiting', word: 'Waiting', says: waits.says };
    const paused = collections.find((c) => c.paused || c.paused_by_operator);
    if (paused)
        return { state: 'waiting', word: 'Waiting', says: `${paused.name}: ${paused.reason || 'paused'}` };
    if (overview.in_sync)
        return { state: 'sync', word: 'In sync', says: 'every collection holds what it should' };
    const compared = routes.find((r) => r.phase && r.phase !== 'done');
    if (compared)
        return {
            state: 'catching',
            word: 'Catching up',
            says: `${compared.from} → ${compared.to}: ${compared.phase}`,
        };
    if (overview.lag_ms !== null && overview.lag_ms < PROMPT && collections.every(keepsUp))
        return { state: 'sync', word: 'Keeping up', says: 'changes arrive, and are written as they come' };
    return { state: 'catching', word: 'Catching up', says: 'changes are on their way' };
}

/// "12 ms behind", "nothing waits"
export function behind(overview, collections) {
    if (!overview) return '';
    const waiting = documentsWaiting(collections);
    const lag =
        overview.lag_ms === null || overview.lag_ms === undefined
            ? 'lag unknown'
            : `${duration(overview.lag_ms)} behind`;
    return `${lag} · ${waiting ? `${counted(waiting, 'document')} waiting` : 'nothing waits'}`;
}

const EMBED = /^embed|embedd/i;

/// Where a collection is stuck: {stage: source|embed|write, tone: amber|red, says}, or null.
export function stuck(overview, collection) {
    if (overview && !overview.streaming)
        return { stage: 'source', tone: 'red', says: overview.trouble || 'the stream is not open' };
    if (collection?.paused_by_operator)
        return { stage: 'write', tone: 'amber', says: 'paused by an operator' };
    if (collection?.paused)
        return {
            stage: EMBED.test(collection.reason) ? 'embed' : 'write',
            tone: 'red',
            says: collection.reason || 'paused',
        };
    return null;
}
