// One job: how far it is, what it waits for, and its buttons.
import { post } from '../api.js';
import { attribute, h, part, parts, show, text } from '../dom.js';
import { count, duration, moment, rate, relative, seconds, share } from '../format.js';
import { button, confirm, toast } from '../ui.js';

const TONES = { running: 'blue', paused: 'amber', done: 'green', cancelled: 'grey', failed: 'red' };

function jobTitle(job) {
    const what = job.dry_run ? 'Dry run of a backfill' : 'Backfill';
    return `${what} of ${job.collection ?? 'all collections'}${job.namespace ? ` from ${job.namespace}` : ''}`;
}

/// [label, value] of what a dry run found out.
export function costRows(cost) {
    return [
        ['documents', count(cost.documents)],
        ['unchanged', count(cost.unchanged)],
        ['payload only', count(cost.payload_only)],
        ['to embed', count(cost.embed)],
        ['to remove', count(cost.remove)],
        ['texts', count(cost.texts)],
        ['characters', count(cost.characters)],
        ['tokens, about', count(cost.tokens)],
        ['requests', count(cost.requests)],
    ];
}

export function figures(rows) {
    return h(
        'dl',
        { class: 'cost' },
        rows.map(([label, value]) => h('div', {}, h('dt', {}, label), h('dd', {}, value))),
    );
}

async function act(job, what, said) {
    await post(`v1/jobs/${encodeURIComponent(job.id)}/${what}`, {});
    toast({ title: `${jobTitle(job)}: ${said}`, tone: 'good' });
}

async function cancel(job) {
    const yes = await confirm({
        title: 'Cancel this job?',
        says: `${jobTitle(job)}. What it has done stays; it cannot be resumed afterwards.`,
        yes: 'Cancel the job',
        tone: 'danger',
    });
    if (yes) await act(job, 'cancel', 'cancelled');
}

export function makeJob(job, load) {
    const then = (what) => async () => {
        await what();
        await load();
    };
    const of = jobTitle(job);
    return h(
        'article',
        { class: 'job', 'aria-label': of },
        h('header', {}, h('h3', {}, of), h('span', { class: 'state', dataset: { part: 'state' } })),
        h('p', { class: 'small', dataset: { part: 'how' } }),
        h(
            'div',
            { class: 'progress', dataset: { part: 'bar' } },
            h('progress', { max: 1, 'aria-label': `Progress of ${of}`, dataset: { part: 'progress' } }),
            h('span', { class: 'share', dataset: { part: 'share' } }),
        ),
        h('p', { class: 'line', dataset: { part: 'line' } }),
        h('p', { class: 'waits', dataset: { part: 'waits' } }),
        h('div', { dataset: { part: 'outcome' } }),
        h(
            'div',
            { class: 'actions', dataset: { part: 'actions' } },
            part(
                button(
                    'Pause',
                    then(() => act(job, 'pause', 'paused')),
                    { operator: true, glyph: 'pause', name: `Pause ${of}` },
                ),
                'pause',
            ),
            part(
                button(
                    'Resume',
                    then(() => act(job, 'resume', 'resumed')),
                    { operator: true, glyph: 'play', tone: 'primary', name: `Resume ${of}` },
                ),
                'resume',
            ),
            part(
                button(
                    'Cancel',
                    then(() => cancel(job)),
                    { operator: true, tone: 'danger-plain', name: `Cancel ${of}` },
                ),
                'cancel',
            ),
        ),
    );
}

/// What is unknown is null in a reply, and absent from the telemetry.
export function timeLeft(job) {
    return Number.isFinite(job.left_s) ? `${seconds(job.left_s)} left` : 'time left unknown';
}

function lineOf(job) {
    const done = `${count(job.scanned)} of about ${count(job.estimate)} documents`;
    if (job.state === 'running')
        return `${done} · ${rate(job.rate)} /s · ${timeLeft(job)}`;
    if (job.state === 'paused') return `${done} · paused`;
    const took =
        job.started && job.ended
            ? `took ${duration(Date.parse(job.ended) - Date.parse(job.started))} · `
            : '';
    return `${count(job.scanned)} documents · ${took}ended ${relative(job.ended)}`;
}

function outcomeRows(job) {
    if (job.cost) return costRows(job.cost);
    if (!job.result) return [];
    return ['embedded', 'written', 'unchanged', 'removed'].map((name) => [name, count(job.result[name])]);
}

export function paintJob(node, job) {
    const p = parts(node);
    const active = job.state === 'running' || job.state === 'paused';
    attribute(node, 'class', `job ${TONES[job.state] ?? 'grey'}`);
    attribute(p.state, 'class', `state ${TONES[job.state] ?? 'grey'}`);
    text(p.state, job.state);
    text(
        p.how,
        [
            job.mode.replaceAll('_', ' '),
            job.max_pending ? `at most ${count(job.max_pending)} waiting` : '',
            `started ${relative(job.started ?? job.created)}`,
        ]
            .filter(Boolean)
            .join(' · '),
    );
    p.how.title = `${job.id}, ${moment(job.created)} UTC`;
    show(p.bar, active);
    attribute(p.progress, 'value', job.share);
    text(p.share, share(job.share));
    text(p.line, lineOf(job));
    text(p.waits, job.error || (active && job.waits_for ? `Waits: ${job.waits_for}` : ''));
    show(p.waits, Boolean(p.waits.textContent));
    const rows = outcomeRows(job);
    const said = JSON.stringify(rows);
    if (p.outcome.dataset.said !== said) {
        p.outcome.dataset.said = said;
        p.outcome.replaceChildren(...(rows.length ? [figures(rows)] : []));
    }
    show(p.actions, active);
    show(p.pause, job.state === 'running');
    show(p.resume, job.state === 'paused');
}
