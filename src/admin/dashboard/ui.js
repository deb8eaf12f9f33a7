// Parts that every view uses: buttons, icons, messages, questions.
import { Problem } from './api.js';
import { h, svg, text } from './dom.js';
import { canOperate, onChange, store } from './store.js';

/// Paths of icons, in a box of 24 by 24.
export const PATHS = {
    check: 'M5 12.5l4.5 4.5L19 7.5',
    arrows: 'M4 12a8 8 0 0 1 14-5.3L20 9M20 4v5h-5M20 12a8 8 0 0 1-14 5.3L4 15M4 20v-5h5',
    pause: 'M9 6v12M15 6v12',
    alert: 'M12 4.5 21 19.5H3ZM12 10v4.5M12 17v.2',
    dots: 'M6 12h.01M12 12h.01M18 12h.01',
    close: 'M6 6l12 12M18 6 6 18',
    play: 'M8 5.5v13l10.5-6.5Z',
    sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2.5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3 7 7M17 17l1.7 1.7M18.7 5.3 17 7M7 17l-1.7 1.7',
    moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z',
    auto: 'M12 3.5a8.5 8.5 0 1 0 0 17ZM12 3.5a8.5 8.5 0 0 1 0 17',
    left: 'M14.5 6l-6 6 6 6',
    right: 'M9.5 6l6 6-6 6',
};

export function icon(name) {
    return svg(
        'svg',
        { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
        svg('path', { d: PATHS[name] }),
    );
}

const guarded = new Set(); // buttons that only an operator may press, and are still on the page

function reason() {
    return canOperate() ? '' : `Your role is ${store.who?.role ?? 'unknown'}: only an operator may do this.`;
}

function paintGuarded(button) {
    const why = reason();
    button.toggleAttribute('aria-disabled', false);
    if (why) {
        button.setAttribute('aria-disabled', 'true');
        button.setAttribute('aria-description', why);
        button.title = why;
    } else {
        button.removeAttribute('aria-description');
        button.title = button.dataset.title ?? '';
    }
}

onChange(() => {
    for (const button of guarded) {
        if (button.isConnected) paintGuarded(button);
        else if (button.dataset.seen) guarded.delete(button);
        if (button.isConnected) button.dataset.seen = '1';
    }
});

/// A button that does `act` once at a time; what it throws is told. `operator`: viewers see why they may not.
export function button(
    label,
    act,
    { tone = 'plain', operator = false, title = '', glyph = null, name = null } = {},
) {
    const node = h(
        'button',
        { type: 'button', class: `button ${tone}`, title, 'aria-label': name, dataset: { title } },
        glyph && icon(glyph),
        label && h('span', {}, label),
    );
    node.addEventListener('click', async (e) => {
        if (node.getAttribute('aria-disabled') === 'true') {
            if (operator && reason()) toast({ title: 'Not with this role', detail: reason() });
            return;
        }
        node.setAttribute('aria-disabled', 'true');
        node.setAttribute('aria-busy', 'true');
        try {
            await act(e);
        } catch (error) {
            tell(error);
        } finally {
            node.removeAttribute('aria-disabled');
            node.removeAttribute('aria-busy');
            if (operator) paintGuarded(node);
        }
    });
    if (operator) {
        guarded.add(node);
        paintGuarded(node);
    }
    return node;
}

/// Like `button`, for a form's submit; the form calls it.
export function guardedSubmit(label, options = {}) {
    const node = h(
        'button',
        {
            type: 'submit',
            class: `button ${options.tone ?? 'primary'}`,
            dataset: { title: options.title ?? '' },
        },
        h('span', {}, label),
    );
    guarded.add(node);
    paintGuarded(node);
    return node;
}

/// One message at the edge; problems stay until they are closed or a while is over, the rest goes soon.
export function toast({ title, detail = '', tone = 'info' }) {
    const box = document.getElementById('toasts');
    const bad = tone === 'bad';
    const close = h(
        'button',
        { type: 'button', class: 'button bare', 'aria-label': `Close: ${title}` },
        icon('close'),
    );
    const node = h(
        'div',
        { class: `toast ${tone}`, role: bad ? 'alert' : 'status' },
        h('div', {}, h('strong', {}, title), detail && h('p', {}, detail)),
        close,
    );
    let timer = null;
    const gone = () => node.remove();
    const arm = () => (timer = setTimeout(gone, bad ? 20000 : 6000));
    close.addEventListener('click', gone);
    for (const name of ['pointerenter', 'focusin']) node.addEventListener(name, () => clearTimeout(timer));
    for (const name of ['pointerleave', 'focusout']) node.addEventListener(name, arm);
    while (box.children.length > 3) box.firstElementChild.remove();
    box.append(node);
    arm();
}

export function tell(error) {
    if (error.name === 'AbortError') return;
    if (error instanceof Problem) {
        if (error.status === 401) return;
        toast({
            title: error.title,
            detail: [error.detail, error.field && `(field: ${error.field})`].filter(Boolean).join(' '),
            tone: 'bad',
        });
        return;
    }
    console.error(error);
    toast({ title: 'The dashboard made a mistake', detail: error.message, tone: 'bad' });
}

/// Asks before something happens: resolves to true or false. The focus begins on the answer that changes nothing.
export function confirm({ title, says, points = [], yes, tone = 'primary' }) {
    const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'dialog-title' });
    return new Promise((resolve) => {
        const answer = (value) => {
            dialog.close();
            resolve(value);
        };
        const no = h(
            'button',
            { type: 'button', class: 'button plain', onclick: () => answer(false) },
            'Leave it',
        );
        dialog.append(
            h('h2', { id: 'dialog-title' }, title),
            h(
                'div',
                { class: 'says' },
                says && h('p', {}, says),
                points.length > 0 &&
                    h(
                        'ul',
                        {},
                        points.map((p) => h('li', {}, p)),
                    ),
            ),
            h(
                'div',
                { class: 'actions' },
                no,
                h('button', { type: 'button', class: `button ${tone}`, onclick: () => answer(true) }, yes),
            ),
        );
        open(dialog, () => resolve(false));
        no.focus();
    });
}

/// Something to read, closed by Escape or its button.
export function sheet(title, ...content) {
    const dialog = h('dialog', { class: 'dialog wide', 'aria-labelledby': 'dialog-title' });
    const close = h(
        'button',
        { type: 'button', class: 'button plain', onclick: () => dialog.close() },
        'Close',
    );
    dialog.append(h('h2', { id: 'dialog-title' }, title), ...content, h('div', { class: 'actions' }, close));
    open(dialog, () => {});
    close.focus();
}

function open(dialog, closed) {
    const back = document.activeElement;
    dialog.addEventListener('close', () => {
        dialog.remove();
        closed();
        if (back?.isConnected) back.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
}

const STATUS_GLYPH = { synced: 'check', pending: 'dots', stale: 'arrows', failed: 'alert' };

/// A status as word and shape, never as colour alone.
export function statusMark(status) {
    return h(
        'span',
        { class: `mark ${status ?? 'none'}` },
        icon(STATUS_GLYPH[status] ?? 'dots'),
        h('span', {}, status ?? 'none'),
    );
}

export function field(label, control, hint = '') {
    control.id ||= `f${Math.random().toString(36).slice(2, 9)}`;
    const note = hint && h('span', { class: 'hint', id: `${control.id}-hint` }, hint);
    if (note) control.setAttribute('aria-describedby', note.id);
    return h('div', { class: 'field' }, h('label', { for: control.id }, label), control, note);
}

/// A select; options are texts or [value, label].
export function select(options, value = '', props = {}) {
    return h(
        'select',
        { ...props, value },
        options.map((o) =>
            Array.isArray(o) ? h('option', { value: o[0] }, o[1]) : h('option', { value: o }, o),
        ),
    );
}

/// Replaces a select's options where they differ, and keeps what is chosen.
function setOptions(node, options) {
    const said = JSON.stringify(options);
    if (node.dataset.options === said) return;
    const value = node.dataset.wanted ?? node.value;
    node.replaceChildren(...options.map(([v, label]) => h('option', { value: v }, label)));
    node.dataset.options = said;
    node.value = value;
    if (node.value === value) delete node.dataset.wanted;
    else {
        node.dataset.wanted = value; // comes later, with the next options
        node.value = '';
    }
}

/// Options of a select: `none` for no choice, then the names.
export function offer(node, none, names) {
    setOptions(node, [['', none], ...names.map((name) => [name, name])]);
}

export function empty(box, says) {
    let note = box.querySelector(':scope > .empty');
    if (!says) return note?.remove();
    if (!note) box.append((note = h('p', { class: 'empty' })));
    text(note, says);
}
