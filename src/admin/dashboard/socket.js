// The telemetry's client: keeps the state topics, tells who listens, comes back by itself.
//
// A connection that says nothing for `silence` is stale, after `given_up` it is replaced. A gap in the numbers of the
// messages, or a patch of something unknown, means that our state is not the server's: the connection is replaced too.
import { address, currentToken } from './api.js';
import { serverSays } from './format.js';
import { merge } from './merge.js';

const SILENCE = 3500; // ms; a tick comes each second
const GIVEN_UP = 12000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15000;
const POLICY = 1008;

function base64url(text) {
    let bytes = '';
    for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
    return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export class Telemetry extends EventTarget {
    /// `allowed()`: resolves when a connection may be tried (the token is right), rejects when not now.
    constructor(allowed) {
        super();
        this.allowed = allowed;
        this.wanted = { topics: ['pipeline', 'collections', 'jobs'], hz: 1 };
        this.topics = {};
        this.live = false;
        this.heard = 0; // when the last message came
        this.pause = FIRST_PAUSE;
        this.retryAt = 0;
        this.running = false;
    }

    start() {
        if (this.running) return;
        this.running = true;
        this.watch = setInterval(() => this.look(), 500);
        this.connect();
    }

    stop() {
        this.running = false;
        clearInterval(this.watch);
        clearTimeout(this.timer);
        this.drop();
        this.topics = {};
    }

    /// Milliseconds since anything came; 0 while the connection is live.
    staleFor() {
        if (this.live && Date.now() - this.heard < SILENCE) return 0;
        return this.heard ? Date.now() - this.heard : Infinity;
    }

    subscribe(wanted) {
        this.wanted = { hz: 1, ...wanted };
        if (this.socket?.readyState === WebSocket.OPEN) this.send({ type: 'subscribe', ...this.wanted });
    }

    /// Tries at once instead of waiting for the next attempt.
    now() {
        if (this.live || !this.running) return;
        clearTimeout(this.timer);
        this.pause = FIRST_PAUSE;
        this.connect();
    }

    send(message) {
        this.socket.send(JSON.stringify(message));
    }

    tell(name, detail) {
        this.dispatchEvent(new CustomEvent(name, { detail }));
    }

    async connect() {
        this.drop();
        const attempt = (this.attempt = {});
        this.retryAt = 0;
        try {
            await this.allowed();
        } catch {
            if (attempt === this.attempt) this.later();
            return;
        }
        if (attempt !== this.attempt || !this.running) return;
        const url = address('v1/telemetry');
        url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
        const token = currentToken();
        const socket = new WebSocket(
            url,
            token ? ['halcyon.v1', `token.${base64url(token)}`] : ['halcyon.v1'],
        );
        this.socket = socket;
        this.opened = Date.now();
        this.seq = null;
        socket.onopen = () => this.send({ type: 'subscribe', ...this.wanted });
        socket.onmessage = (m) => this.take(JSON.parse(m.data));
        socket.onclose = (e) => {
            if (socket !== this.socket) return;
            if (e.code === POLICY) this.tell('refused');
            this.lost();
        };
    }

    drop() {
        const socket = this.socket;
        this.socket = null;
        this.attempt = null;
        this.live = false;
        socket?.close();
    }

    lost() {
        this.drop();
        this.later();
    }

    later() {
        if (!this.running) return;
        clearTimeout(this.timer);
        const wait = this.pause * (0.75 + Math.random() / 2);
        this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
        this.retryAt = Date.now() + wait;
        this.timer = setTimeout(() => this.connect(), wait);
        this.tell('state');
    }

    look() {
        if (this.socket && Date.now() - Math.max(this.opened, this.live ? this.heard : 0) > GIVEN_UP)
            this.lost();
        this.tell('state');
    }

    take(message) {
        const { type, seq } = message;
        if (seq !== undefined) {
            if (this.seq !== null && seq !== this.seq + 1) return this.lost();
            this.seq = seq;
        }
        this.heard = Date.now();
        if (message.at) serverSays(message.at);
        if (!this.live && type !== 'hello' && type !== 'error') {
            this.live = true;
            this.pause = FIRST_PAUSE;
            this.tell('state');
        }
        if (type === 'snapshot') this.topics[message.topic] = message.data;
        if (type === 'delta') {
            if (!(message.topic in this.topics)) return this.lost();
            this.topics[message.topic] = merge(this.topics[message.topic], message.data);
        }
        if (['hello', 'events', 'log', 'error'].includes(type)) this.tell(type, message);
        else this.tell('change', message);
    }
}
