import * as m from '$lib/messages';
import { credential, failed, purposeName, type Step } from './words';

const LANE = 320;
const HEAD = 56;
const ROW = 44;
const INK = '#1b1b20';
const SOFT = '#696974';
const GOOD = '#187345';
const BAD = '#b8262d';

const NAMED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text within XML: what would be read as markup is named, what XML cannot hold is left out. */
function xml(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/[&<>"']/g, (one) => NAMED[one] ?? one);
}

function words(step: Step): string {
  const { summary } = step.exchange;
  if (step.side === 'request') return `${summary.method} ${summary.path} ${credential(step.exchange)}`.trim();
  if (summary.status === null) return m.activity_no_answer();
  return `${summary.status} ${purposeName(summary.purpose)}`;
}

function colour(step: Step): string {
  if (step.side === 'request') return INK;
  return failed(step.exchange.summary.status) ? BAD : GOOD;
}

/** The sequence as a picture for slides and documents: self-contained, without scripts or fonts of its own. */
export function svgOf(steps: Step[], lanes: string[]): string {
  const width = lanes.length * LANE;
  const height = HEAD + steps.length * ROW + 16;
  const middle = (lane: number): number => lane * LANE + LANE / 2;
  const parts = lanes.map((name, lane) => {
    const x = middle(lane);
    return (
      `<line x1="${x}" y1="${HEAD - 12}" x2="${x}" y2="${height}" stroke="${SOFT}" stroke-dasharray="3 3"/>` +
      `<text x="${x}" y="28" text-anchor="middle" font-weight="600" fill="${INK}">${xml(name)}</text>`
    );
  });
  steps.forEach((step, index) => {
    const there = step.peer === 'api' ? lanes.length - 1 : 1;
    const y = HEAD + index * ROW + 30;
    const back = step.side === 'response';
    const [from, to] = back ? [middle(there), middle(0)] : [middle(0), middle(there)];
    const tip = back ? `${to + 8},${y - 4} ${to},${y} ${to + 8},${y + 4}` : `${to - 8},${y - 4} ${to},${y} ${to - 8},${y + 4}`;
    const dashes = back ? ' stroke-dasharray="6 4"' : '';
    parts.push(
      `<text x="${(from + to) / 2}" y="${y - 8}" text-anchor="middle" fill="${colour(step)}">${xml(words(step))}</text>` +
        `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" stroke="${colour(step)}" stroke-width="1.5"${dashes}/>` +
        `<polygon points="${tip}" fill="${colour(step)}"/>`,
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12"><rect width="100%" height="100%" fill="#ffffff"/>${parts.join('')}</svg>\n`
  );
}
