// RFC 7396, JSON merge patch.

const isObject = (v) => v !== null && typeof v === 'object' && !Array.isArray(v);

/// A new value; neither argument is changed.
export function merge(target, patch) {
    if (!isObject(patch)) return patch;
    const out = isObject(target) ? { ...target } : {};
    for (const [name, value] of Object.entries(patch)) {
        if (value === null) delete out[name];
        else out[name] = merge(out[name], value);
    }
    return out;
}
