// Pause of a collection, which asks first; resume of one, or of all of them (name: null).
import { post } from '../api.js';
import { refreshStatus } from '../store.js';
import { confirm, toast } from '../ui.js';

const path = (name, what) =>
    name === null ? `v1/${what}` : `v1/collections/${encodeURIComponent(name)}/${what}`;

export async function pause(name) {
    const yes = await confirm({
        title: `Pause ${name}?`,
        says: 'Nothing is written there until somebody resumes it, restarts included. Changes are noted meanwhile, and worked off afterwards; nothing is lost.',
        yes: 'Pause',
    });
    if (!yes) return;
    const { collections } = await post(path(name, 'pause'));
    toast({ title: `Paused: ${collections.join(', ')}`, tone: 'good' });
    refreshStatus();
}

export async function resume(name) {
    const { collections } = await post(path(name, 'resume'));
    toast({ title: `Resumed: ${collections.join(', ')}`, tone: 'good' });
    refreshStatus();
}
