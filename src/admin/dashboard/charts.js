// The last minutes as lines, drawn by Chart.js (its own file: /assets/chart.js).
import { h, text } from './dom.js';
import { brief, duration, rate } from './format.js';
import { MINUTES, series } from './store.js';

const FIGURES = [
    ['events', 'Events', '/s', '--line-1'],
    ['embedded', 'Embedded', '/s', '--line-2'],
    ['written', 'Written', '/s', '--line-3'],
    ['lag', 'Lag', '', '--line-4'],
];
const POINTS = 300;
// Minutes that are shown, the smallest that holds all there is, and the seconds between two labels.
const SPANS = [
    [1, 20],
    [2, 60],
    [5, 60],
    [10, 120],
    [MINUTES, 300],
];

/// A colour of the page as the canvas takes it: the theme chooses, so it is asked of an element.
function colour(name, alpha = 1) {
    const probe = h('span', { hidden: true });
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const said = getComputedStyle(probe).color;
    probe.remove();
    return alpha === 1 ? said : said.replace('rgb(', 'rgba(').replace(')', `, ${alpha})`);
}

/// At most POINTS of them: of neighbours the highest, so that no peak is lost.
export function thinned(points, most = POINTS) {
    const step = Math.ceil(points.length / most);
    if (step < 2) return points;
    const out = [];
    for (let i = 0; i < points.length; i += step) {
        let best = points[i];
        for (const p of points.slice(i, i + step))
            if (p.y !== null && (best.y === null || p.y > best.y)) best = p;
        out.push(best);
    }
    return out;
}

export class Charts {
    constructor(box) {
        this.figures = FIGURES.map(([what, title, unit, line]) => {
            const now = h('span', { class: 'now' });
            const canvas = h('canvas', { role: 'img' });
            box.append(
                h(
                    'figure',
                    { class: 'chart' },
                    h('figcaption', {}, h('span', {}, title), now),
                    h('div', { class: 'plot' }, canvas),
                ),
            );
            return {
                what,
                title,
                unit,
                line,
                now,
                canvas,
                said: what === 'lag' ? duration : (n) => `${rate(n)} ${unit}`,
            };
        });
        this.retheme = () => this.theme();
        this.scheme = matchMedia('(prefers-color-scheme: dark)');
        this.scheme.addEventListener('change', this.retheme);
        addEventListener('themechange', this.retheme);
        this.last = 0;
        for (const figure of this.figures) figure.chart = this.make(figure);
    }

    close() {
        this.scheme.removeEventListener('change', this.retheme);
        removeEventListener('themechange', this.retheme);
        for (const figure of this.figures) figure.chart.destroy();
    }

    make({ canvas, line, said }) {
        const grid = { color: colour('--rule'), drawBorder: false, drawTicks: false };
        const ticks = { color: colour('--soft'), font: { size: 11 }, maxRotation: 0, padding: 6 };
        return new window.Chart(canvas, {
            type: 'line',
            data: {
                datasets: [
                    {
                        data: [],
                        borderColor: colour(line),
                        backgroundColor: colour(line, 0.12),
                        borderWidth: 1.75,
                        fill: true,
                        pointRadius: 0,
                        pointHitRadius: 8,
                        tension: 0.25,
                        spanGaps: false,
                    },
                ],
            },
            options: {
                animation: false,
                parsing: false,
                normalized: true,
                maintainAspectRatio: false,
                interaction: { mode: 'index', intersect: false },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        displayColors: false,
                        callbacks: {
                            title: ([p]) => `${duration(-p.parsed.x * 1000)} ago`,
                            label: (p) => said(p.parsed.y),
                        },
                    },
                },
                scales: {
                    x: {
                        type: 'linear',
                        min: -MINUTES * 60,
                        max: 0,
                        grid: { display: false, drawBorder: false },
                        ticks: { ...ticks, callback: (s) => (s ? `−${duration(-s * 1000)}` : 'now') },
                    },
                    y: {
                        beginAtZero: true,
                        grace: '8%',
                        suggestedMax: 4,
                        grid,
                        ticks: {
                            ...ticks,
                            maxTicksLimit: 4,
                            callback: (n) =>
                                said === duration ? duration(n) : Number.isInteger(n) ? brief(n) : rate(n),
                        },
                    },
                },
            },
        });
    }

    theme() {
        for (const figure of this.figures) {
            figure.chart.destroy();
            figure.chart = this.make(figure);
        }
        this.last = 0;
        this.paint(this.name);
    }

    /// Not more often than once a second: that is how often something new is known.
    /// Returns how many minutes are shown.
    paint(name) {
        const due = Date.now();
        if (due - this.last < 900 && name === this.name) return this.minutes;
        this.last = due;
        this.name = name;
        const oldest = -(series('lag')[0]?.x ?? 0);
        const [minutes, step] = SPANS.find(([m]) => m * 60 >= oldest) ?? SPANS.at(-1);
        this.minutes = minutes;
        for (const { what, title, now, canvas, chart, said } of this.figures) {
            const points = thinned(series(what, name));
            const newest = points.at(-1)?.y ?? null;
            const peak = points.reduce((most, p) => (p.y !== null && p.y > most ? p.y : most), 0);
            text(now, said(newest));
            canvas.setAttribute(
                'aria-label',
                `${title}, the last ${this.minutes} minutes: now ${said(newest)}, at most ${said(peak)}`,
            );
            chart.data.datasets[0].data = points;
            chart.options.scales.x.min = -60 * this.minutes;
            chart.options.scales.x.ticks.stepSize = step;
            chart.update('none');
        }
        return this.minutes;
    }
}
