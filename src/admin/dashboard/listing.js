// What lists with cursors have in common: the filter stands in the address, pages, refreshing without losing place.
import { get } from './api.js';
import { h, show, text } from './dom.js';
import { count, id } from './format.js';
import { button, tell } from './ui.js';

const AGAIN = 5000; // ms between two looks at a list that is open
const PAGE = 50;

/// The address of a view with a query; empty values are left out.
export function href(path, query) {
    const said = new URLSearchParams(
        Object.entries(query).filter(([, v]) => v !== '' && v !== null && v !== undefined),
    ).toString();
    return said ? `#${path}?${said}` : `#${path}`;
}

/// Pages of `path` (its rows are in reply[member]). `paint(rows)` shows one; `query()` is the filter.
export class Listing {
    constructor({ path, member, query, paint }) {
        Object.assign(this, { path, member, query, paint });
        this.cursors = [null]; // of the pages up to this one
        this.next = null;
        this.older = button('Older', () => this.turn(1), { glyph: 'right' });
        this.newer = button('Newer', () => this.turn(-1), { glyph: 'left' });
        this.where = h('span', { class: 'where', role: 'status' });
        this.pager = h('div', { class: 'pager' }, this.newer, this.where, this.older);
        this.timer = setInterval(() => document.hidden || this.load().catch(() => {}), AGAIN);
        this.load().catch(tell);
    }

    close() {
        clearInterval(this.timer);
        this.abort?.abort();
    }

    /// From the first page, after the filter changed.
    restart() {
        this.cursors = [null];
        return this.load().catch(tell);
    }

    turn(by) {
        if (by > 0 && this.next) this.cursors.push(this.next);
        if (by < 0 && this.cursors.length > 1) this.cursors.pop();
        return this.load();
    }

    async load() {
        this.abort?.abort();
        this.abort = new AbortController();
        const { signal } = this.abort;
        const reply = await get(
            this.path,
            { limit: PAGE, from: this.cursors.at(-1), ...this.query() },
            signal,
        );
        if (signal.aborted) return;
        const rows = reply[this.member];
        // The last page may empty while it is looked at.
        if (rows.length === 0 && this.cursors.length > 1) return this.turn(-1);
        this.next = reply.next ?? null;
        show(this.pager, Boolean(this.next) || this.cursors.length > 1);
        this.newer.disabled = this.cursors.length < 2;
        this.older.disabled = !this.next;
        const before = (this.cursors.length - 1) * PAGE;
        text(this.where, rows.length ? `${count(before + 1)} to ${count(before + rows.length)}` : 'none');
        this.paint(rows);
    }
}

/// A table whose rows become cards where it is narrow: each cell knows its column's name.
export function table(columns, caption) {
    const body = h('tbody');
    const head = h(
        'tr',
        {},
        columns.map(([label, kind]) => h('th', { scope: 'col', class: kind ?? '' }, label)),
    );
    return {
        root: h(
            'div',
            { class: 'table' },
            h('table', {}, h('caption', { class: 'unseen' }, caption), h('thead', {}, head), body),
        ),
        body,
        head,
    };
}

/// The cell of a row's document: its `_id`, which leads to its story, and where it is from.
export function documentCell(row) {
    const story = href('/documents/explain', { namespace: row.namespace, id: row.id });
    return cell(
        'Document',
        'document',
        h('a', { class: 'id', href: story }, id(row.id)),
        h('span', { class: 'soft' }, row.namespace),
    );
}

/// A cell with the name of its column, for narrow pages.
export function cell(label, kind = '', ...children) {
    return h('td', { class: kind, dataset: { label } }, children);
}
