// The form that starts a backfill: a dry run says what it costs, and only then it is asked for in earnest.
import { post } from '../api.js';
import { attribute, h, text } from '../dom.js';
import { count, share } from '../format.js';
import { collectionNames, namespaces } from '../store.js';
import { button, field, guardedSubmit, select, offer, tell, toast } from '../ui.js';
import { costRows, figures, timeLeft } from './job_card.js';

const MODES = [
    ['incremental', 'incremental: what differs'],
    ['skip_if_exists', 'skip if exists: only what is missing'],
    ['full', 'full: everything again'],
];
const HINTS = {
    incremental: 'Every document is compared by its digest; only what differs is embedded and written.',
    skip_if_exists: 'What a receipt says is held is not compared at all; only what is missing is sent.',
    full: 'Everything is embedded and written again, whatever it costs.',
};

export class BackfillForm {
    constructor(wanted, load) {
        this.load = load;
        this.trial = null; // {id, body}: the dry run that is looked at
        this.collection = select([['', 'all collections']], '');
        this.ns = select([['', 'all namespaces']], '');
        this.collection.dataset.wanted = wanted.collection;
        this.ns.dataset.wanted = wanted.namespace;
        this.mode = select(MODES, 'incremental');
        this.bound = h('input', { type: 'number', min: 0, value: '0', inputmode: 'numeric' });
        this.hint = h('p', { class: 'hint', id: 'mode-hint' }, HINTS.incremental);
        this.mode.setAttribute('aria-describedby', 'mode-hint');
        this.submit = guardedSubmit('See what it costs', { title: 'A dry run: nothing is written' });
        this.form = h(
            'form',
            { class: 'backfill' },
            field('Collection', this.collection),
            field('Namespace', this.ns),
            field('Mode', this.mode),
            this.hint,
            field(
                'At most waiting',
                this.bound,
                'It stands back while more documents than this wait; 0: no bound.',
            ),
            h('div', { class: 'actions' }, this.submit),
        );
        this.outcome = h('div', { class: 'trial', 'aria-live': 'polite' });
        this.root = h(
            'section',
            { class: 'panel backfill-panel', 'aria-labelledby': 'backfill-title' },
            h('h2', { id: 'backfill-title' }, 'Start a backfill'),
            this.form,
            this.outcome,
        );
        this.mode.addEventListener('change', () => text(this.hint, HINTS[this.mode.value]));
        for (const node of [this.collection, this.ns])
            node.addEventListener('change', () => delete node.dataset.wanted);
        // Another question makes the answer to the last one void.
        this.form.addEventListener('input', () => this.forget());
        this.form.addEventListener('submit', (e) => {
            e.preventDefault();
            if (this.submit.getAttribute('aria-disabled') !== 'true') this.tryIt().catch(tell);
        });
    }

    body() {
        const value = (node) => node.dataset.wanted ?? node.value;
        const body = { type: 'backfill', mode: this.mode.value, max_pending: Number(this.bound.value) || 0 };
        if (value(this.collection)) body.collection = value(this.collection);
        if (value(this.ns)) body.namespace = value(this.ns);
        return body;
    }

    forget() {
        this.trial = null;
        this.outcome.replaceChildren();
    }

    async tryIt() {
        const body = this.body();
        this.submit.setAttribute('aria-busy', 'true');
        try {
            const job = await post('v1/jobs', { ...body, dry_run: true });
            this.trial = { id: job.id, body, shown: '' };
            this.paintTrial(job);
        } finally {
            this.submit.removeAttribute('aria-busy');
        }
        await this.load();
    }

    async start() {
        const { body } = this.trial;
        await post('v1/jobs', { ...body, dry_run: false });
        toast({ title: 'The backfill runs', tone: 'good' });
        this.forget();
        await this.load();
        this.submit.focus();
    }

    paint(all) {
        offer(this.collection, 'all collections', collectionNames());
        offer(this.ns, 'all namespaces', namespaces());
        const job = this.trial && all.find((j) => j.id === this.trial.id);
        if (job) this.paintTrial(job);
    }

    paintTrial(job) {
        const said = job.cost ? 'cost' : job.state;
        if (this.trial.shown !== said) {
            this.trial.shown = said;
            this.outcome.replaceChildren(...this.trialParts(job));
        }
        const bar = this.outcome.querySelector('progress');
        if (!bar) return;
        attribute(bar, 'value', job.share);
        text(this.outcome.querySelector('.far'), `${share(job.share)}, ${timeLeft(job)}`);
    }

    trialParts(job) {
        if (job.cost) {
            const start = button('Start for real', () => this.start(), { operator: true, tone: 'primary' });
            const leave = button('Leave it', () => {
                this.forget();
                this.submit.focus();
            });
            const idle =
                job.cost.embed + job.cost.payload_only + job.cost.remove === 0 && job.mode !== 'full';
            return [
                h('h3', {}, 'What it would cost'),
                h(
                    'p',
                    { class: 'sum' },
                    idle
                        ? 'Nothing differs: there would be nothing to do.'
                        : `${count(job.cost.texts)} texts to embed, about ${count(job.cost.tokens)} tokens in ${count(job.cost.requests)} requests.`,
                ),
                figures(costRows(job.cost)),
                h('div', { class: 'actions' }, start, leave),
            ];
        }
        if (job.state === 'failed' || job.state === 'cancelled')
            return [h('p', { class: 'sum' }, `The dry run ${job.state}. ${job.error}`)];
        return [
            h('h3', {}, 'Counting what it would cost'),
            h('p', {}, 'Nothing is written.'),
            h('progress', { max: 1, 'aria-label': 'Progress of the dry run' }),
            h('p', { class: 'far small', 'aria-live': 'off' }),
        ];
    }
}
