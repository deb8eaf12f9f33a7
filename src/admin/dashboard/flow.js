// The pipeline as a drawing: source -> plan -> embed -> write, how much is in each, how fast, and where it is stuck.
import { attribute, svg, text } from './dom.js';
import { brief, count, duration, rate } from './format.js';
import { overview, rateOf, telemetry } from './store.js';
import { PATHS } from './ui.js';
import { stuck } from './verdict.js';

const STAGES = ['source', 'plan', 'embed', 'write'];
const TITLES = { source: 'Source', plan: 'Plan', embed: 'Embed', write: 'Write' };
const NARROW = 620;
const BOX = { width: 168, height: 96 };
const WIDEST = 250;

const sum = (rows, name) => rows.reduce((n, row) => n + (row[name] ?? 0), 0);
const inFlow = (rows, name) => rows.reduce((n, row) => n + (row.flow?.[name] ?? 0), 0);

function who(names, rows) {
    if (names.length === 1) return names[0];
    return names.length === rows.length ? 'all' : `${names.length} collections`;
}

/// What the drawing says, as data. `rows`: the collections it is about; `name`: the one of them, or null for all.
function flowOf(o, rows, name) {
    const waiting = sum(rows, 'waiting');
    const doubt = inFlow(rows, 'in_doubt');
    const embedders = [...new Set(rows.map((r) => r.embedder).filter(Boolean))];
    const stages = {
        source: {
            holds: null,
            line: o?.streaming ? 'MongoDB, streaming' : 'MongoDB',
            figure: o ? duration(o.lag_ms) : duration(null),
            unit: 'behind',
        },
        plan: {
            holds: inFlow(rows, 'planning') + waiting,
            line: waiting ? `${brief(waiting)} queued` : 'filter, text, digest',
            unit: 'documents',
        },
        embed: {
            holds: inFlow(rows, 'embedding'),
            line: embedders.length === 1 ? `embedder ${embedders[0]}` : `${embedders.length} embedders`,
            unit: 'documents',
        },
        write: {
            holds: inFlow(rows, 'to_write'),
            line: doubt ? `${brief(doubt)} in doubt` : `Qdrant, ${count(inFlow(rows, 'requests'))} requests`,
            unit: 'documents',
        },
    };
    const links = [
        { from: 'source', to: 'plan', what: 'events', rate: rateOf('events') },
        { from: 'plan', to: 'embed', what: 'texts', rate: rateOf('embedded', name) },
        { from: 'embed', to: 'write', what: 'points', rate: rateOf('written', name) },
    ];
    const troubles = [];
    for (const row of rows.length ? rows : [null]) {
        const found = stuck(o, row);
        if (!found) continue;
        const known = troubles.find((t) => t.stage === found.stage && t.says === found.says);
        if (known) known.names.push(row.name);
        else troubles.push({ ...found, names: row ? [row.name] : [] });
    }
    for (const t of troubles) {
        const stage = stages[t.stage];
        // While others go on it is no standstill.
        const partly = t.stage !== 'source' && t.names.length < rows.length;
        if (stage.tone !== 'red') stage.tone = partly ? 'amber' : t.tone;
        stage.stuck = t.stage === 'source' ? 'not open' : `${who(t.names, rows)} paused`;
    }
    return { stages, links, troubles, owed: sum(rows, 'owed') };
}

/// The drawing for who does not see it.
function sentence({ stages, links, owed }) {
    const but = (stage) => (stage.stuck ? ` (${stage.stuck})` : '');
    const holds = (name) => `${name} holds ${count(stages[name].holds)} documents${but(stages[name])}`;
    const rates = links.map((link) => `${rate(link.rate)} ${link.what} a second`);
    const inside = ['plan', 'embed', 'write'].map(holds);
    return `Flow: the source is ${stages.source.figure} behind${but(stages.source)}; ${rates.join(', ')}; ${inside.join(', ')}; ${count(owed)} owed.`;
}

export class Flow {
    constructor(box) {
        this.box = box;
        this.peak = { plan: 50, embed: 50, write: 50 };
        this.root = svg('svg', { class: 'flow', role: 'img' });
        this.build();
        box.append(this.root);
        this.watch = new ResizeObserver(() => this.layout());
        this.watch.observe(box);
    }

    close() {
        this.watch.disconnect();
    }

    build() {
        this.links = ['source', 'plan', 'embed'].map(() => {
            const line = svg('path', { class: 'link' });
            const run = svg('path', { class: 'run' });
            const figure = svg('text', { class: 'rate' });
            const what = svg('text', { class: 'what' });
            const group = svg('g', {}, line, run, figure, what);
            this.root.append(group);
            return { group, line, run, figure, what };
        });
        this.back = {
            line: svg('path', { class: 'link back' }),
            figure: svg('text', { class: 'owed' }),
            group: svg('g', { class: 'owes' }),
        };
        this.back.group.append(this.back.line, this.back.figure);
        this.root.append(this.back.group);
        this.nodes = {};
        for (const name of STAGES) {
            const node = {
                box: svg('rect', { class: 'box', width: BOX.width, height: BOX.height, rx: 10 }),
                title: svg('text', { class: 'title', x: 14, y: 23 }, TITLES[name]),
                figure: svg('text', { class: 'figure', x: 14, y: 54 }),
                unit: svg('tspan', { class: 'unit', dx: 6 }),
                number: svg('tspan', {}),
                line: svg('text', { class: 'sub', x: 14, y: 74 }),
                bed: svg('rect', {
                    class: 'bed',
                    x: 14,
                    y: BOX.height - 12,
                    width: BOX.width - 28,
                    height: 4,
                    rx: 2,
                }),
                fill: svg('rect', { class: 'fill', x: 14, y: BOX.height - 12, width: 0, height: 4, rx: 2 }),
                alarm: svg(
                    'g',
                    { class: 'alarm', transform: `translate(${BOX.width - 34} 9) scale(.85)` },
                    svg('path', { d: PATHS.alert }),
                ),
            };
            node.figure.append(node.number, node.unit);
            node.group = svg(
                'g',
                { class: 'stage' },
                node.box,
                node.title,
                node.figure,
                node.line,
                name === 'source' ? [] : [node.bed, node.fill],
                node.alarm,
            );
            this.nodes[name] = node;
            this.root.append(node.group);
        }
    }

    layout() {
        const width = Math.max(280, this.box.clientWidth);
        const narrow = width < NARROW + 180;
        const boxWidth = narrow ? width - 4 : Math.min(WIDEST, Math.max(BOX.width, Math.round(width * 0.16)));
        const gap = narrow ? 56 : Math.max(40, (width - 4 * boxWidth - 4) / 3);
        const height =
            (narrow ? 4 * BOX.height + 3 * gap : BOX.height) + (this.owed ? (narrow ? 40 : 56) : 8);
        attribute(this.root, 'viewBox', `0 0 ${width} ${height}`);
        attribute(this.root, 'width', width);
        attribute(this.root, 'height', height);
        STAGES.forEach((name, i) => {
            const [x, y] = narrow ? [2, 2 + i * (BOX.height + gap)] : [2 + i * (boxWidth + gap), 2];
            const node = this.nodes[name];
            attribute(node.group, 'transform', `translate(${x} ${y})`);
            attribute(node.box, 'width', boxWidth);
            attribute(node.bed, 'width', boxWidth - 28);
            attribute(node.alarm, 'transform', `translate(${boxWidth - 34} 9) scale(.85)`);
            if (i === 3) return;
            const link = this.links[i];
            const middle = narrow ? y + BOX.height + gap / 2 : x + boxWidth + gap / 2;
            const line = narrow
                ? `M28 ${y + BOX.height + 3}V${y + BOX.height + gap - 3}`
                : `M${x + boxWidth + 3} 50H${x + boxWidth + gap - 3}`;
            attribute(link.line, 'd', line);
            attribute(link.run, 'd', line);
            for (const [part, up] of [
                [link.figure, -3],
                [link.what, 12],
            ]) {
                attribute(part, 'text-anchor', narrow ? 'start' : 'middle');
                attribute(part, 'x', narrow ? 44 : middle);
                attribute(part, 'y', narrow ? middle + up + 2 : part === link.figure ? 41 : 66);
            }
        });
        const right = 2 + 3 * (boxWidth + gap) + boxWidth / 2;
        const left = 2 + (boxWidth + gap) + boxWidth / 2;
        const low = BOX.height + 5;
        attribute(
            this.back.line,
            'd',
            narrow ? '' : `M${right} ${low}v14a10 10 0 0 1-10 10H${left + 10}a10 10 0 0 1-10-10V${low + 1}`,
        );
        attribute(this.back.figure, 'text-anchor', narrow ? 'start' : 'middle');
        attribute(this.back.figure, 'x', narrow ? 4 : (left + right) / 2);
        attribute(this.back.figure, 'y', narrow ? height - 10 : low + 42);
        this.boxWidth = boxWidth;
        this.narrow = narrow;
    }

    /// Shows the collections of `rows`; returns what is stuck.
    paint(rows, name) {
        if (!this.boxWidth) this.layout();
        const flow = flowOf(overview(), rows, name);
        if (this.owed !== flow.owed > 0) {
            this.owed = flow.owed > 0;
            this.layout();
        }
        for (const stage of STAGES) this.paintStage(stage, flow.stages[stage]);
        flow.links.forEach((link, i) => {
            const { figure, what, group } = this.links[i];
            text(figure, `${rate(link.rate)} /s`);
            text(what, link.what);
            attribute(group, 'class', link.rate > 0 ? 'flowing' : '');
        });
        text(
            this.back.figure,
            flow.owed
                ? `${count(flow.owed)} owed: ${this.narrow ? 'read again later' : 'read again by their keys when the way is free'}`
                : '',
        );
        attribute(this.back.group, 'class', flow.owed ? 'owes' : 'owes none');
        attribute(this.root, 'aria-label', sentence(flow));
        return flow.troubles;
    }

    paintStage(name, stage) {
        const node = this.nodes[name];
        text(node.number, name === 'source' ? stage.figure : brief(stage.holds));
        text(node.unit, stage.unit);
        const said = stage.stuck ?? stage.line;
        text(node.line, said.length > 26 ? `${said.slice(0, 25)}…` : said);
        attribute(node.group, 'class', `stage ${stage.tone ?? ''}`);
        if (name === 'source') return;
        // As full as it ever was: there is no bound to compare with, so the highest level is the measure.
        this.peak[name] = Math.max(this.peak[name], stage.holds);
        const wide = ((this.boxWidth ?? BOX.width) - 28) * Math.min(1, stage.holds / this.peak[name]);
        attribute(node.fill, 'width', telemetry.staleFor() === Infinity ? 0 : Math.round(wide));
    }
}
