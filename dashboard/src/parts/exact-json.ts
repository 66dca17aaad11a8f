/** A string, a sign, or a number or word, as it stands; what is between them is whitespace. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g;
const OPENING = new Set(['{', '[']);
const CLOSING = new Set(['}', ']']);

/**
 * Lays JSON text out for reading without parsing its values: numbers of any size, the order of keys and keys given twice
 * stay as they were sent. Text that is no JSON comes back as it is.
 */
export function layOut(text: string): string {
  if (!isJson(text)) return text;
  const parts: string[] = [];
  let depth = 0;
  let before = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (CLOSING.has(token)) depth -= 1;
    // An empty object or array stays on its line.
    if (before === ',' || OPENING.has(before) !== CLOSING.has(token)) parts.push('\n', '  '.repeat(depth));
    parts.push(token === ':' ? ': ' : token);
    if (OPENING.has(token)) depth += 1;
    before = token;
  }
  return parts.join('');
}

/** The text of a value inside of JSON text, as it stands there; undefined where there is none. */
export function cutOut(text: string, path: readonly string[]): string | undefined {
  if (!isJson(text)) return undefined;
  return path.reduce<string | undefined>(
    (found, key) => (found === undefined ? undefined : memberOf(found, key)),
    text,
  );
}

/** Of the text of an object; nothing else has members. */
function memberOf(text: string, key: string): string | undefined {
  let depth = 0;
  let before = '';
  let begin: number | undefined;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (CLOSING.has(token)) depth -= 1;
    const isEnd = (token === ',' && depth === 1) || depth === 0;
    if (begin !== undefined && isEnd) return text.slice(begin, index).trim();
    if (token === ':' && depth === 1 && JSON.parse(before) === key) begin = index + 1;
    if (OPENING.has(token)) depth += 1;
    before = token;
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
