/** How a receiver verifies in one language, by each of the two signatures. */
interface Snippets {
  language: string;
  standardWebhooks: string;
  signatureHeader: string;
}

/** They are files of their own language, so that its tools can check them. */
const FILES = import.meta.glob<string>('./snippets/*', { query: '?raw', import: 'default', eager: true });

/** In the order in which they are offered. */
export const SNIPPETS: readonly [Snippets, ...Snippets[]] = [
  snippetsOf('JavaScript', 'mjs'),
  snippetsOf('Python', 'py'),
  snippetsOf('Go', 'go'),
  snippetsOf('Ruby', 'rb'),
  snippetsOf('PHP', 'php'),
  snippetsOf('Java', 'java'),
  snippetsOf('C#', 'cs'),
];

function snippetsOf(language: string, extension: string): Snippets {
  const fileOf = (name: string): string => {
    const text = FILES[`./snippets/${name}.${extension}`];
    if (text === undefined) throw new Error(`No snippet is called ${name}.${extension}.`);
    return text;
  };
  return { language, standardWebhooks: fileOf('standard-webhooks'), signatureHeader: fileOf('signature') };
}
