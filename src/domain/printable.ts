/**
 * Makes a text of somebody else's safe to be shown and logged: control, format and other unseen characters are escaped
 * (`\u{1b}`), and it is cut to `charsMax` characters.
 */
export function printable(text: string, charsMax: number): string {
  const escaped = text
    .slice(0, charsMax * 2)
    .replace(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu,
      (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
    );
  return escaped.length <= charsMax ? escaped : `${escaped.slice(0, charsMax - 1)}…`;
}
