// Elements without markup: text from the server only ever becomes text nodes.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, props, children) {
    for (const [name, value] of Object.entries(props ?? {})) {
        if (value === undefined || value === null || value === false) continue;
        if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
        else if (name === 'dataset') Object.assign(node.dataset, value);
        else if (name !== 'value') node.setAttribute(name, value === true ? '' : String(value));
    }
    node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
    if (props?.value !== undefined) node.value = props.value; // of a select: its options are there now
    return node;
}

/// h('button', {class: 'plain', onclick: f}, 'Retry'): an element; children are nodes or texts.
export function h(tag, props, ...children) {
    return fill(document.createElement(tag), props, children);
}

export function svg(tag, props, ...children) {
    return fill(document.createElementNS(SVG, tag), props, children);
}

/// Sets a text only where it differs, so that a selection or a live region is not disturbed.
export function text(node, value) {
    const said = String(value ?? '');
    if (node.textContent !== said) node.textContent = said;
}

export function attribute(node, name, value) {
    if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

export function show(node, visible) {
    if (node.hidden === visible) node.hidden = !visible;
}

/// Makes the children of `box` those of `items`, in their order; what exists already is updated in place, so that
/// focus, selection and scroll position stay. `make(item)` gives a node, `update(node, item)` fills it.
export function keyed(box, items, key, make, update) {
    const known = new Map();
    for (const child of [...box.children]) known.set(child.dataset.key, child);
    let at = box.firstElementChild;
    for (const item of items) {
        const name = String(key(item));
        let node = known.get(name);
        if (node) known.delete(name);
        else {
            node = make(item);
            node.dataset.key = name;
        }
        if (node === at) at = at.nextElementSibling;
        else box.insertBefore(node, at);
        update?.(node, item);
    }
    for (const node of known.values()) node.remove();
}

/// A part of a larger node, found by this name: see `parts`.
export function part(node, name) {
    node.dataset.part = name;
    return node;
}

/// A node's inner parts by their data-part: parts(node).name
export function parts(node) {
    if (!node.known) {
        node.known = {};
        for (const part of node.querySelectorAll('[data-part]')) node.known[part.dataset.part] = part;
    }
    return node.known;
}
