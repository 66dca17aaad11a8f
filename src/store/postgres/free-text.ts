/** PostgreSQL's text cannot hold a NUL character, which people may have sent us: it is stored as U+FFFD. */
export function storable<Text extends string | null>(text: Text): Text {
  return (text?.includes('\0') ? text.replaceAll('\0', '\u{fffd}') : text) as Text;
}
