// What the charts share: text and colours that can be read on a light and on a dark page.
const STYLE = `<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 14px } .faint { fill: #59636e } .grid { stroke: #8c959f; stroke-opacity: .35 }
  .own { fill: #0969da; stroke: #0969da } .other { fill: #8c959f; stroke: #8c959f } .range { stroke: #1f2328; stroke-width: 1.5 }
  .line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .faint { fill: #9198a1 } .own { fill: #4493f8; stroke: #4493f8 } .range { stroke: #f0f6fc }
  }
</style>`;

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escaped = (text) => String(text).replaceAll(/[&<>"]/g, (character) => ENTITIES[character]);

/** Whether a row is this project's. */
export const isOwn = (row) => /nestjs-pyncette|, default|, best/.test(row);

export const text = (x, y, said, { kind = '', anchor = 'start' } = {}) =>
  `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}">${escaped(said)}</text>`;

export const svg = (width, height, title, parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
${[STYLE, text(8, 22, title, { kind: 'title' }), ...parts].join('\n')}
</svg>
`;
