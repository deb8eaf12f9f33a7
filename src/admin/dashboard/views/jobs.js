// Jobs: what runs and ran, and how one is started: first what it would cost, then for real.
import { get } from '../api.js';
import { h, keyed, show } from '../dom.js';
import { jobs, onChange, telemetry } from '../store.js';
import { empty } from '../ui.js';
import { BackfillForm } from './backfill.js';
import { makeJob, paintJob } from './job_card.js';

export const title = 'Jobs';
export const name = 'jobs';

export function mount(body, { query }) {
    const list = h('div', { class: 'jobs' });
    const listBox = h(
        'section',
        { class: 'job-list', 'aria-labelledby': 'jobs-title' },
        h('h2', { id: 'jobs-title' }, 'Running and past'),
        list,
    );
    let old = []; // telemetry carries those that run and the last ten; the rest is asked for once
    const abort = new AbortController();

    function known() {
        const byId = new Map(old.map((j) => [j.id, j]));
        for (const job of jobs()) byId.set(job.id, job);
        return [...byId.values()].sort((a, b) => (a.created < b.created ? 1 : -1));
    }

    async function load() {
        old = (await get('v1/jobs', {}, abort.signal)).jobs;
        paint();
    }

    function paint() {
        const all = known();
        keyed(
            list,
            all,
            (j) => j.id,
            (j) => makeJob(j, load),
            paintJob,
        );
        show(list, all.length > 0);
        empty(
            listBox,
            all.length
                ? ''
                : 'No job yet. A backfill compares a collection with its source and sends what differs.',
        );
        form.paint(all);
    }

    const form = new BackfillForm(
        { collection: query.get('collection') ?? '', namespace: query.get('namespace') ?? '' },
        load,
    );
    body.append(form.root, listBox);
    const end = onChange(paint);
    paint();
    load().catch(() => {});
    // Without telemetry the list is asked for.
    const timer = setInterval(() => telemetry.staleFor() && load().catch(() => {}), 5000);
    return () => {
        clearInterval(timer);
        abort.abort();
        end();
    };
}
