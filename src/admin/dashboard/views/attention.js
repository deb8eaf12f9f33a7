// What is wrong and what to do about it, the gravest first; held guards and settings that changed with it.
import { h, keyed, text } from '../dom.js';
import { relative } from '../format.js';
import { button, icon } from '../ui.js';
import { advice, needsPerson, reasons } from '../verdict.js';
import { resume } from './pausing.js';

function reasonOf(reason) {
    return {
        key: `${reason.code}:${reason.collection ?? ''}`,
        tone: needsPerson(reason.code) ? 'red' : 'amber',
        title: reason.says,
        since: reason.since,
        reason,
        ...advice(reason.code),
    };
}

function guardOf({ guard, question }) {
    return { key: `guard:${guard}`, tone: 'red', title: `The guard ${guard} asks`, what: question, guard };
}

function changeOf(change) {
    return {
        key: `change:${change.from}:${change.to}:${change.kind}`,
        tone: 'blue',
        title: `Settings: ${change.from} → ${change.to} ${change.kind}`,
        what: change.says,
    };
}

export class Attention {
    constructor(box, { letGo }) {
        this.letGo = letGo;
        this.title = h('h2', { id: 'attention-title' });
        this.list = h('ul', { class: 'notes' });
        box.append(this.title, this.list);
        this.box = box;
    }

    paint(o, collections, held, changes) {
        const told = reasons(o, collections).filter((r) => !(r.code === 'held' && held.length));
        const notes = [...held.map(guardOf), ...told.map(reasonOf), ...changes.map(changeOf)];
        const rank = { red: 0, amber: 1, blue: 2 };
        notes.sort((a, b) => rank[a.tone] - rank[b.tone]);
        const wrong = notes.filter((n) => n.tone !== 'blue').length;
        text(
            this.title,
            !o
                ? 'Asking how it goes'
                : wrong
                  ? `${wrong === 1 ? 'One thing' : `${wrong} things`} to know`
                  : notes.length
                    ? 'Nothing is wrong; settings changed'
                    : 'Nothing is wrong',
        );
        this.box.classList.toggle('calm', notes.length === 0);
        keyed(
            this.list,
            notes,
            (n) => n.key,
            (n) => this.make(n),
            (node, n) => {
                text(node.querySelector('.title'), n.title);
                text(
                    node.querySelector('.since'),
                    n.since ? `since ${relative(n.since).replace(/ ago$/, '')}` : '',
                );
                text(node.querySelector('.what'), n.what);
            },
        );
    }

    make(n) {
        const actions = [];
        if (n.guard)
            actions.push(button('Let it go on', () => this.letGo(), { operator: true, tone: 'primary' }));
        if (n.reason?.code === 'paused_by_operator')
            actions.push(button('Resume', () => resume(n.reason.collection ?? null), { operator: true }));
        if (n.link) actions.push(h('a', { class: 'button plain', href: n.link }, n.label));
        return h(
            'li',
            { class: `note ${n.tone}` },
            icon(n.tone === 'red' ? 'alert' : n.tone === 'amber' ? 'pause' : 'arrows'),
            h(
                'div',
                { class: 'body' },
                h(
                    'p',
                    { class: 'head' },
                    h('strong', { class: 'title' }),
                    ' ',
                    h('span', { class: 'since' }),
                ),
                h('p', { class: 'what' }),
            ),
            actions.length > 0 && h('div', { class: 'actions' }, actions),
        );
    }
}
