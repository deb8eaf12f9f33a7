// The form for a token. It is sent as a header only, and forgotten with the tab.
import { get, useToken } from './api.js';
import { h, text } from './dom.js';
import { field } from './ui.js';

/// Fills `box`; calls `entered` once a token was accepted.
export function login(box, entered) {
    const token = h('input', {
        type: 'password',
        name: 'token',
        autocomplete: 'current-password',
        required: true,
        spellcheck: 'false',
        'aria-errormessage': 'login-error',
    });
    const error = h('p', { class: 'error', role: 'alert', id: 'login-error' });
    const submit = h('button', { type: 'submit', class: 'button primary' }, 'Sign in');
    const form = h(
        'form',
        { class: 'login' },
        h('img', { src: 'assets/favicon.svg', alt: '', width: 48, height: 48 }),
        h('h1', {}, 'Sign in to halcyon'),
        h(
            'p',
            { class: 'hint' },
            'A token of a viewer or an operator, as it stands in the settings under http.tokens.',
        ),
        field('Token', token),
        error,
        submit,
        h('p', { class: 'hint' }, 'It is kept for this tab only.'),
    );
    form.addEventListener('submit', async (e) => {
        e.preventDefault();
        text(error, '');
        submit.setAttribute('aria-busy', 'true');
        useToken(token.value.trim());
        try {
            await get('v1/whoami');
            entered();
        } catch (problem) {
            useToken(null);
            text(
                error,
                problem.status === 401
                    ? 'This token is not known.'
                    : [problem.title, problem.detail].filter(Boolean).join(': '),
            );
            token.setAttribute('aria-invalid', 'true');
            token.select();
        } finally {
            submit.removeAttribute('aria-busy');
        }
    });
    box.replaceChildren(form);
    token.focus();
}
