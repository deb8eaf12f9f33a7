// The settings as the process runs with them; secrets never leave it.
import { get } from '../api.js';
import { h, keyed, show, text } from '../dom.js';
import { counted } from '../format.js';
import { cell, table } from '../listing.js';
import { empty, field, tell } from '../ui.js';

export const title = 'Settings';
export const name = 'settings';

const said = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

export function mount(body) {
    const search = h('input', {
        type: 'search',
        spellcheck: 'false',
        autocomplete: 'off',
        placeholder: 'qdrant',
    });
    const only = h('input', { type: 'checkbox', id: 'only-set' });
    const file = h('p', { class: 'small' });
    const many = h('p', { class: 'small', role: 'status' });
    const list = table([['Setting'], ['Value'], ['From']], 'Settings');
    const box = h('section', { class: 'panel flush', 'aria-label': 'Settings' }, list.root);
    const form = h(
        'form',
        { class: 'filter', 'aria-label': 'Filter of settings' },
        field('Find', search),
        h('div', { class: 'check' }, only, h('label', { for: 'only-set' }, 'only what the file sets')),
    );
    form.addEventListener('submit', (e) => e.preventDefault());
    body.append(h('div', { class: 'bar-row' }, form, h('div', {}, file, many)), box);
    let all = [];

    function paint() {
        const word = search.value.trim().toLowerCase();
        const rows = all.filter(
            (s) =>
                (!only.checked || s.set) &&
                (!word || s.path.toLowerCase().includes(word) || said(s.value).toLowerCase().includes(word)),
        );
        keyed(
            list.body,
            rows,
            (s) => s.path,
            (s) =>
                h(
                    'tr',
                    { class: s.set ? 'set' : '' },
                    cell('Setting', 'path', h('code', {}, s.path)),
                    cell('Value', 'value', h('code', {}, said(s.value))),
                    cell('From', 'from', s.set ? 'file' : 'default'),
                ),
        );
        show(list.root, rows.length > 0);
        empty(box, rows.length || !all.length ? '' : 'No setting has this in it.');
        text(many, counted(rows.length, 'setting'));
    }

    for (const node of [search, only]) node.addEventListener('input', paint);
    const abort = new AbortController();
    get('v1/settings', {}, abort.signal).then((reply) => {
        all = reply.settings;
        text(file, `Read from ${reply.file}`);
        paint();
    }, tell);
    return () => abort.abort();
}
